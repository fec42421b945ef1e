import { getEventListeners } from "node:events";
import type { CachedKV } from "@kvplug/cache";
import type { KVCallOptions } from "@kvplug/core/seam";
import { describe, expect, test } from "vitest";
import { useCachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";

const READS: [name: string, read: (kv: CachedKV, options: KVCallOptions) => Promise<unknown>][] = [
  ["get", (kv, options) => kv.get("a", options)],
  ["get of bytes", (kv, options) => kv.get("a", { type: "arrayBuffer", ...options })],
  ["getWithMetadata", (kv, options) => kv.getWithMetadata("a", options)],
  ["get(keys)", (kv, options) => kv.get(["a", "b"], options)],
  ["getWithMetadata(keys)", (kv, options) => kv.getWithMetadata(["a"], options)],
  ["wrap", (kv, options) => kv.wrap("a", () => 1, options)],
];
const CALLS: typeof READS = [
  ...READS,
  ["get of a stream", (kv, options) => kv.get("a", { type: "stream", ...options })],
  ["list", (kv, options) => kv.list(options)],
  ["put", (kv, options) => kv.put("a", "2", options)],
  ["delete", (kv, options) => kv.delete("a", options)],
];

describe.for(CALLS)("a caller of %s", ([, call]) => {
  const rest = useCachedRest();

  test("who aborted before is told, and nothing is asked", async () => {
    const reason = new Error("no longer wanted");
    const { total } = rest.server.requests;
    await expect(call(rest.kv, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(rest.server.requests.total).toBe(total);
  });

  test("who aborts meanwhile is told at once", async () => {
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    rest.wire.hold();
    const outcome = errorOf(call(rest.kv, { signal: controller.signal }));
    await rest.sent(1);
    controller.abort(reason);
    expect(await outcome).toBe(reason);
  });

  test("who waits until a deadline", async () => {
    rest.wire.hold();
    const outcome = errorOf(call(rest.kv, { deadline: 20 }));
    await rest.sent(1);
    rest.advance(20);
    expect(await outcome).toMatchObject({ code: "KV_TIMEOUT" });
  });

  test("with a deadline that is none", async () => {
    for (const deadline of [0, -1, Number.NaN, "5" as unknown as number]) {
      const error = await errorOf(call(rest.kv, { deadline }));
      expect(error).toMatchObject({ code: "KV_INVALID" });
      expect(error.message).toContain("deadline must be a number of milliseconds");
    }
    expect(rest.server.requests.total).toBe(0);
  });

  test("with all the time there is leaves no listener", async () => {
    const { signal } = new AbortController();
    await rest.elsewhere("a", "1");
    await call(rest.kv, { signal, deadline: Infinity });
    await eventually(() => expect(getEventListeners(signal, "abort")).toEqual([]));
  });
});

describe.for(READS)("a caller of %s that leaves", ([, read]) => {
  const rest = useCachedRest();

  test("leaves alone: the others get what they wait for, and it is kept", async () => {
    await rest.elsewhere("a", "1");
    const controller = new AbortController();
    rest.wire.hold();
    const first = errorOf(read(rest.kv, { signal: controller.signal }));
    const late = errorOf(read(rest.kv, { deadline: 20 }));
    const others = Promise.all(Array.from({ length: 5 }, () => rest.kv.get("a")));
    const same = read(rest.kv, {});
    controller.abort(new Error("no longer wanted"));
    expect((await first).message).toBe("no longer wanted");
    await rest.sent(1);
    rest.advance(20);
    expect((await late).message).toContain("20 ms");
    rest.wire.release();
    expect(await others).toEqual(["1", "1", "1", "1", "1"]);
    await same;
    const { total } = rest.server.requests;
    expect(await rest.kv.get("a")).toBe("1");
    expect(rest.server.requests.total).toBe(total);
  });
});

describe("the error of a deadline", () => {
  const rest = useCachedRest();

  test("tells the key and the time", async () => {
    rest.wire.hold();
    const outcome = errorOf(rest.kv.get("a", { deadline: 7 }));
    await rest.sent(1);
    rest.advance(7);
    const error = await outcome;
    expect(error).toMatchObject({ code: "KV_TIMEOUT", key: "a" });
    expect(error.message).toBe('The deadline of 7 ms passed before the value of "a" arrived.');
  });

  test("and is no failure of the backend", async () => {
    const kv = rest.open({ staleIfError: 60_000, circuit: { failures: 1 } });
    rest.wire.hold();
    const outcome = errorOf(kv.get("a", { deadline: 1 }));
    await rest.sent(1);
    rest.advance(1);
    await outcome;
    rest.wire.release();
    expect(await kv.get("b")).toBeNull();
  });
});
