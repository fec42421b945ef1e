import type { CachedKV } from "@kvplug/cache";
import type { KVCallOptions } from "@kvplug/core/seam";
import { describe, expect, test } from "vitest";
import { useCachedRest, type CachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";
import { refusal } from "../support/wire.ts";

const READS: [name: string, read: (kv: CachedKV, options?: KVCallOptions) => Promise<unknown>][] = [
  ["get", (kv, options) => kv.get("a", options)],
  ["get of bytes", (kv, options) => kv.get("a", { type: "arrayBuffer", ...options })],
  ["getWithMetadata", (kv, options) => kv.getWithMetadata("a", options)],
  ["getWithMetadata of bytes", (kv, options) => kv.getWithMetadata("a", { type: "arrayBuffer", ...options })],
  ["get(keys)", (kv, options) => kv.get(["a", "b"], options)],
  ["getWithMetadata(keys)", (kv, options) => kv.getWithMetadata(["a", "b"], options)],
];

/** One request at a time: the first one is held, and what comes later waits in the driver. */
const ONE_BY_ONE = { batch: { maxInFlight: 1 } } as const;

/** A cache whose driver is busy with a request for another key, so that what comes later waits in the driver. */
async function busy(rest: CachedRest): Promise<{ kv: CachedKV; first: Promise<unknown> }> {
  const kv = rest.open({}, ONE_BY_ONE);
  rest.wire.hold();
  const first = kv.get("first");
  await rest.sent(1);
  return { kv, first };
}

describe.for(READS)("a %s that nobody waits for any more", ([, read]) => {
  const rest = useCachedRest();
  const { wire } = rest;

  test("is not sent, whether its callers leave or their deadlines pass", async () => {
    const { kv, first } = await busy(rest);
    const controller = new AbortController();
    const left = [{ signal: controller.signal }, { signal: controller.signal }, { deadline: 20 }].map((call) =>
      errorOf(read(kv, call)),
    );
    controller.abort(new Error("no longer wanted"));
    rest.advance(20);
    await Promise.all(left);
    wire.release();
    await first;
    await rest.until(kv.close());
    expect(wire.sent.map(({ keys }) => keys)).toEqual([["first"]]);
  });

  test("is not sent once the budget allows it", async () => {
    const kv = rest.open({}, { rateLimit: { requests: 1, window: 20_000 } });
    await kv.get("first");
    const controller = new AbortController();
    const left = errorOf(read(kv, { signal: controller.signal }));
    controller.abort(new Error("no longer wanted"));
    await left;
    await rest.until(kv.close());
    rest.advance(120_000);
    expect(wire.sent.map(({ keys }) => keys)).toEqual([["first"]]);
  });

  test("goes on for the one who stays", async () => {
    await rest.elsewhere("a", "1");
    const { kv, first } = await busy(rest);
    const controller = new AbortController();
    const left = errorOf(read(kv, { signal: controller.signal }));
    const other = kv.get("a");
    controller.abort(new Error("no longer wanted"));
    await left;
    wire.release();
    await first;
    expect(await other).toBe("1");
  });

  test("is read anew by who comes as the last one leaves", async () => {
    await rest.elsewhere("a", "1");
    const { kv, first } = await busy(rest);
    const controller = new AbortController();
    const left = errorOf(read(kv, { signal: controller.signal }));
    controller.abort(new Error("no longer wanted"));
    const other = read(kv);
    await left;
    wire.release();
    await first;
    await other;
    expect(await kv.get("a")).toBe("1");
  });

  test("fills the cache once it has been sent", async () => {
    await rest.elsewhere("a", "1");
    const controller = new AbortController();
    wire.hold();
    const left = errorOf(read(rest.kv, { signal: controller.signal }));
    await eventually(() => expect(wire.sent.length).toBeGreaterThan(0));
    const { length } = wire.sent;
    controller.abort(new Error("no longer wanted"));
    await left;
    const joined = rest.kv.get("a");
    wire.release();
    expect(await joined).toBe("1");
    expect(await rest.kv.get("a")).toBe("1");
    expect(wire.sent).toHaveLength(length);
  });

  test("is not sent again after a failure", async () => {
    const kv = rest.open({}, { retry: { attempts: 1000 } });
    const controller = new AbortController();
    wire.hold();
    wire.instead = () => refusal(500, 10_001);
    const left = errorOf(read(kv, { signal: controller.signal }));
    await eventually(() => expect(wire.sent.length).toBeGreaterThan(0));
    const { length } = wire.sent;
    controller.abort(new Error("no longer wanted"));
    await left;
    wire.release();
    await rest.until(kv.close());
    expect(wire.sent).toHaveLength(length);
  });
});

describe("a read that nobody waits for", () => {
  const rest = useCachedRest();
  const { wire } = rest;

  test("goes on where it refreshes a copy", async () => {
    await rest.elsewhere("a", "1");
    const kv = rest.open({ ttl: 1000, staleWhileRevalidate: 60_000 }, ONE_BY_ONE);
    expect(await kv.get("a")).toBe("1");
    rest.advance(1000);
    await rest.elsewhere("a", "2");
    wire.hold();
    const first = kv.get("first");
    await rest.sent(2);
    const controller = new AbortController();
    expect(await kv.get("a", { signal: controller.signal })).toBe("1");
    controller.abort(new Error("no longer wanted"));
    wire.release();
    await first;
    await eventually(async () => expect(await kv.get("a")).toBe("2"));
  });

  test("goes on where fetchTimeout has returned the old copy", async () => {
    await rest.elsewhere("a", "1");
    const kv = rest.open({ ttl: 1000, staleIfError: 60_000, fetchTimeout: 50 }, ONE_BY_ONE);
    expect(await kv.get("a")).toBe("1");
    rest.advance(1000);
    await rest.elsewhere("a", "2");
    wire.hold();
    const first = kv.get("first");
    await rest.sent(2);
    const old = kv.get("a");
    rest.advance(50);
    expect(await old).toBe("1");
    wire.release();
    await first;
    await eventually(async () => expect(await kv.get("a")).toBe("2"));
  });

  test("is no failure of the backend", async () => {
    const kv = rest.open({ staleIfError: 60_000, circuit: { failures: 1, cooldown: 60_000 } }, ONE_BY_ONE);
    wire.hold();
    const first = kv.get("first");
    await rest.sent(1);
    const controller = new AbortController();
    const left = errorOf(kv.get("a", { signal: controller.signal }));
    controller.abort(new Error("no longer wanted"));
    await left;
    wire.release();
    await first;
    expect(await kv.get("b")).toBeNull();
  });

  test.for<[string, string | string[]]>([
    ["one key", "a"],
    ["many keys", ["a", "b"]],
  ])("is a failure of the backend that answers so after all: %s", async ([, key]) => {
    const kv = rest.open({ staleIfError: 60_000, circuit: { failures: 1, cooldown: 60_000 } });
    wire.hold();
    rest.fail();
    const controller = new AbortController();
    const left = errorOf(kv.get(key as string, { signal: controller.signal }));
    await rest.sent(1);
    controller.abort(new Error("no longer wanted"));
    await left;
    wire.release();
    await eventually(() => expect(wire.answered).toBe(1));
    rest.recover();
    let reads = 0;
    await eventually(() => expect(kv.get(`another ${reads++}`)).rejects.toThrow("failed 1 times in a row"));
  });

  test.for<[string, string | string[]]>([
    ["one key", "a"],
    ["many keys", ["a", "b"]],
  ])("is a failure of the backend that keeps failing until then: %s", async ([, key]) => {
    const kv = rest.open(
      { deadline: 5000, staleIfError: 60_000, circuit: { failures: 1, cooldown: 60_000 } },
      { retry: { attempts: 1000 } },
    );
    rest.fail();
    expect((await rest.until(errorOf(kv.get(key as string)))).message).toContain("The deadline of 5000 ms passed");
    expect((await rest.until(errorOf(kv.get("c")))).message).toContain("failed 1 times in a row");
  });

  test("is not sent again with the rest of a request that was refused", async () => {
    await rest.store.put("bytes", new Uint8Array([0xff]));
    await rest.elsewhere("b", "1");
    const controller = new AbortController();
    wire.hold();
    const left = errorOf(rest.kv.get("bytes", { signal: controller.signal }));
    const other = rest.kv.get("b");
    await rest.sent(1);
    controller.abort(new Error("no longer wanted"));
    await left;
    wire.release();
    expect(await other).toBe("1");
    // Its value and its metadata.
    expect(wire.sent.map(({ keys }) => keys)).toEqual([["bytes", "b"], ["b"], ["b"]]);
    expect(new Uint8Array((await rest.kv.get("bytes", "arrayBuffer"))!)).toEqual(new Uint8Array([0xff]));
  });

  test("is not sent again for keys that were asked anew with others, and found meanwhile", async () => {
    const kv = rest.open({}, { retry: { attempts: 1000 } });
    const [first, second] = [new AbortController(), new AbortController()];
    wire.hold();
    const left = [errorOf(kv.get("a", { signal: first.signal }))];
    await rest.sent(1);
    left.push(errorOf(kv.get("b", { signal: first.signal })));
    await rest.sent(2);
    first.abort(new Error("no longer wanted"));
    await Promise.all(left);
    const both = errorOf(kv.get(["a", "b"], { signal: second.signal }));
    wire.instead = ({ keys }) => (keys.includes("a") ? refusal(500, 10_001) : undefined);
    wire.release();
    await eventually(() => expect(wire.answered).toBe(3));
    await eventually(async () => expect(await kv.get("b")).toBeNull());
    second.abort(new Error("no longer wanted"));
    await both;
    await rest.until(kv.close());
    expect(wire.sent.map(({ keys }) => keys)).toEqual([["a"], ["b"], ["a", "b"]]);
  });

  test("is asked anew once for all who have joined it", async () => {
    await rest.elsewhere("a", "1");
    const kv = rest.open({}, { batch: false, retry: { attempts: 1000 } });
    const controller = new AbortController();
    wire.hold();
    const left = errorOf(kv.get("a", { signal: controller.signal }));
    await rest.sent(1);
    controller.abort(new Error("no longer wanted"));
    await left;
    const joined = Array.from({ length: 10 }, () => kv.get("a"));
    wire.instead = () => {
      wire.instead = undefined;
      return refusal(500, 10_001);
    };
    wire.release();
    expect(new Set(await Promise.all(joined))).toEqual(new Set(["1"]));
    expect(wire.sent).toHaveLength(2);
    expect(kv.stats().coalesced).toBe(10);
  });

  test("takes nobody else's keys with it", async () => {
    await rest.elsewhere("b", "1");
    const { kv, first } = await busy(rest);
    const controller = new AbortController();
    const many = errorOf(kv.get(["a", "b", "c"], { signal: controller.signal }));
    const one = kv.get("b");
    controller.abort(new Error("no longer wanted"));
    await many;
    wire.release();
    await first;
    expect(await one).toBe("1");
  });
});
