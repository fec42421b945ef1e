import { describe, expect, test } from "vitest";
import { errorOf } from "../support/errors.ts";
import { useWiredRest } from "../support/wired-rest.ts";

describe("a caller that leaves, by its signal", () => {
  const rest = useWiredRest();
  const { wire, open } = rest;
  const reason = new Error("no longer wanted");

  test("leaves a read to the others of its batch", async () => {
    for (const key of ["a", "b"]) await rest.server.kv("test").put(key, `value of ${key}`);
    const controller = new AbortController();
    wire.hold();
    const left = errorOf(rest.kv.get("a", { signal: controller.signal }));
    const many = errorOf(rest.kv.get(["a", "b"], { signal: controller.signal }));
    const others = Promise.all([rest.kv.get("a"), rest.kv.get("b"), rest.kv.get(["a", "b"])]);
    await rest.sent(1);
    controller.abort(reason);
    expect([await left, await many]).toEqual([reason, reason]);
    wire.release();
    const [a, b, both] = await others;
    expect([a, b, ...both.values()]).toEqual(["value of a", "value of b", "value of a", "value of b"]);
    expect(rest.server.requests.byRoute).toEqual({ "POST /:namespace/bulk/get": 1 });
  });

  test("leaves a write to the others of its batch", async () => {
    const controller = new AbortController();
    wire.hold();
    const left = errorOf(rest.kv.put("a", "1", { signal: controller.signal }));
    const other = rest.kv.put("b", "2");
    await rest.sent(1);
    controller.abort(reason);
    expect(await left).toBe(reason);
    wire.release();
    await other;
    expect(await rest.server.kv("test").get("b")).toBe("2");
  });

  test("leaves a write to those whose write it replaced", async () => {
    const controller = new AbortController();
    const before = rest.kv.put("a", "1");
    const left = errorOf(rest.kv.put("a", "2", { signal: controller.signal }));
    controller.abort(reason);
    expect(await left).toBe(reason);
    await before;
    expect(["1", "2"]).toContain(await rest.server.kv("test").get("a"));
  });

  test("leaves though another call of the same signal is over", async () => {
    const controller = new AbortController();
    wire.hold();
    const over = rest.kv.put("a", "1", { signal: controller.signal });
    await rest.sent(1);
    wire.answersWaitFor = new Promise(() => {});
    const left = errorOf(rest.kv.get("b", { signal: controller.signal }));
    await rest.sent(2);
    wire.release();
    await over;
    controller.abort(reason);
    expect(await left).toBe(reason);
  });

  test("is not waited for: a read that nobody wants any more is not sent", async () => {
    await using kv = open({ batch: { maxInFlight: 1 } });
    const controller = new AbortController();
    wire.hold();
    const first = kv.get("a");
    await rest.sent(1);
    const left = errorOf(kv.get("b", { signal: controller.signal }));
    const third = kv.get("c");
    controller.abort(reason);
    expect(await left).toBe(reason);
    wire.release();
    await Promise.all([first, third]);
    expect(wire.sent.map(({ keys }) => keys)).toEqual([["a"], ["c"]]);
  });

  test("is not waited for: a write that nobody wants any more is not sent", async () => {
    const controller = new AbortController();
    wire.hold();
    const first = rest.kv.put("a", "1");
    await rest.sent(1);
    const left = errorOf(rest.kv.put("a", "2", { signal: controller.signal }));
    const many = errorOf(rest.kv.putMany([{ key: "a", value: "3" }], { signal: controller.signal }));
    expect(await rest.kv.get("a")).toBe("3");
    controller.abort(reason);
    expect([await left, await many]).toEqual([reason, reason]);
    expect(await rest.kv.get("a")).toBe("1");
    wire.release();
    await first;
    expect(wire.sent.map(({ body }) => body)).toEqual(["1"]);
    expect(await rest.server.kv("test").get("a")).toBe("1");
  });

  test("is not waited for: a read that is under way for nobody else is ended", async () => {
    const controller = new AbortController();
    wire.hold();
    const left = ["a", "b"].map((key) => errorOf(rest.kv.get(key, { signal: controller.signal })));
    await rest.sent(1);
    controller.abort();
    for (const error of await Promise.all(left)) expect(error).toMatchObject({ name: "AbortError" });
    expect(wire.sent[0]!.signal!.aborted).toBe(true);
  });
});
