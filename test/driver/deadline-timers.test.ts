import { expect, test, vi } from "vitest";
import { useRest } from "../support/rest.ts";

// With what the clock of this process shows it passes 2 to the 16th, where numbers have a bit less behind the point.
const rest = useRest({}, { deadline: 65_535 });

test("calls have one timer for their deadlines, whenever they are made", async () => {
  const set = vi.spyOn(globalThis, "setTimeout");
  for (let i = 0; i < 50; i++) {
    await rest.kv.get("a");
    await Promise.all([rest.kv.put("a", "1"), rest.kv.delete("b"), rest.kv.get(["a", "b"])]);
  }
  const long = set.mock.calls.filter(([, time]) => time! > 50_000);
  set.mockRestore();
  expect(long.length).toBeLessThanOrEqual(1);
});
