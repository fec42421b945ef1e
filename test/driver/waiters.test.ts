import { describe, expect, test } from "vitest";
import { errorOf } from "../support/errors.ts";
import { useWiredRest } from "../support/wired-rest.ts";

// Where leaving took time in the number of those who wait, each of these took longer than a test may.
const MANY = 100_000;

describe("any number of callers leave what they share", () => {
  const rest = useWiredRest();
  const reason = new Error("no longer wanted");

  test.each([
    ["reads of one key", (signal: AbortSignal) => rest.kv.get("b", { signal })],
    ["writes of one key", (signal: AbortSignal) => rest.kv.put("a", "1", { signal })],
    ["reads of a hundred keys", (signal: AbortSignal, i: number) => rest.kv.get(`key ${i % 100}`, { signal })],
  ])("%s, by one signal", async (_, call) => {
    const controller = new AbortController();
    rest.wire.hold();
    const first = rest.kv.put("a", "0");
    await rest.sent(1);
    const calls = Array.from({ length: MANY }, (_, i) => call(controller.signal, i).catch((error: unknown) => error));
    controller.abort(reason);
    expect(new Set(await Promise.all(calls))).toEqual(new Set([reason]));
    rest.wire.release();
    await first;
    // Nothing of them is sent. (A server that was not heard for so long has closed its connection: one more attempt.)
    expect(new Set(rest.wire.sent.map(({ route, body }) => `${route} ${body}`))).toEqual(new Set(["values/a 0"]));
  });

  test("each by a signal of its own", async () => {
    const controllers = Array.from({ length: MANY / 10 }, () => new AbortController());
    const calls = controllers.map(({ signal }) => errorOf(rest.kv.get("a", { signal })));
    for (const controller of controllers) controller.abort(reason);
    expect(new Set(await Promise.all(calls))).toEqual(new Set([reason]));
    expect(rest.wire.sent).toHaveLength(0);
  });
});
