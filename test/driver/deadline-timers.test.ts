import { createHook } from "node:async_hooks";
import { expect, test } from "vitest";
import { useRest } from "../support/rest.ts";

// With what the clock shows it passes 2 to the 16th, where numbers have a bit less behind the point.
const DEADLINE = 65_535;
const rest = useRest({}, { deadline: DEADLINE });

test("calls have one timer for their deadlines, whenever they are made", async () => {
  let timers = 0;
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === "Timeout" && Math.round((resource as { _idleTimeout: number })._idleTimeout) === DEADLINE) timers++;
    },
  }).enable();
  for (let i = 0; i < 50; i++) {
    await rest.kv.get("a");
    await Promise.all([rest.kv.put("a", "1"), rest.kv.delete("b"), rest.kv.get(["a", "b"])]);
  }
  hook.disable();
  expect(timers).toBe(1);
});
