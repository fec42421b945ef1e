import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { CACHE_CHANNEL, withCache, type CachedKV, type CacheEvent, type WrapOptions } from "@kvplug/cache";
import type { KVNamespace, KVPutOptions } from "@kvplug/core/seam";
import { openKV } from "@kvplug/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { useCachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";
import { overlaid } from "../support/overlaid.ts";
import { manyTurns } from "../support/turns.ts";

const rest = useCachedRest();

describe("an array of keys belongs to its caller, who may use it again at once", () => {
  const CALLS: [name: string, call: (kv: CachedKV, keys: string[]) => Promise<Map<string, unknown>>][] = [
    ["get", (kv, keys) => kv.get(keys)],
    [
      "getWithMetadata",
      async (kv, keys) => new Map([...(await kv.getWithMetadata(keys))].map(([k, { value }]) => [k, value])),
    ],
  ];
  const USES: [name: string, use: (keys: string[]) => void][] = [
    ["emptied", (keys) => void (keys.length = 0)],
    ["filled with others", (keys) => void keys.splice(0, 3, "x", "y", "z")],
    ["longer", (keys) => void keys.push("x")],
    ["in another order", (keys) => void keys.push(keys.shift()!)],
    ["full of what is no key", (keys) => void keys.fill(7 as unknown as string)],
  ];

  test.for(CALLS.flatMap(([name, call]) => USES.map(([how, use]) => ({ name, how, call, use }))))(
    "$name($how)",
    async ({ call, use }) => {
      for (const key of ["a", "b", "c"]) await rest.elsewhere(key, `value of ${key}`);
      // Cold, then with copies of all, then with copies of some.
      for (const forgotten of [["a", "b", "c"], [], ["b"]]) {
        rest.kv.invalidate(forgotten);
        const keys = ["a", "b", "c"];
        const reading = call(rest.kv, keys);
        use(keys);
        expect([...(await reading)]).toEqual(["a", "b", "c"].map((key) => [key, `value of ${key}`]));
      }
    },
  );

  test("invalidate: what is published is not the caller's", async () => {
    const events: CacheEvent[] = [];
    const listen = (event: unknown): void => void events.push(event as CacheEvent);
    subscribe(CACHE_CHANNEL, listen);
    onTestFinished(() => void unsubscribe(CACHE_CHANNEL, listen));
    const keys = ["a", "b"];
    rest.kv.invalidate(keys);
    keys.length = 0;
    expect(events).toEqual([{ type: "invalidate", remote: false, keys: ["a", "b"] }]);
  });
});

test("options belong to their caller as well", async () => {
  await rest.elsewhere("a", '"1"');
  const get = { type: "arrayBuffer" as const };
  const reading = rest.kv.get("a", get);
  Object.assign(get, { type: "json" });
  expect(await reading).toBeInstanceOf(ArrayBuffer);

  const wrap: WrapOptions = { ttl: 10_000 };
  const made = rest.kv.wrap("b", () => 1, wrap);
  wrap.ttl = 1;
  await made;
  rest.advance(9_999);
  expect(await rest.kv.wrap("b", () => 2)).toBe(1);
});

describe("a write that waits for a value of wrap", () => {
  /** A namespace whose first put waits. */
  function open(): { kv: CachedKV; stored: KVNamespace; letPut(): void } {
    const stored = openKV();
    const { promise, resolve } = Promise.withResolvers<void>();
    let puts = 0;
    const slow = overlaid(stored, {
      put: async (...args: Parameters<KVNamespace["put"]>) => {
        if (puts++ === 0) await promise;
        return stored.put(...args);
      },
    });
    return { kv: withCache(slow, { max: 10 }), stored, letPut: resolve };
  }

  test("is of the bytes, metadata and options that it was called with, and in the order of the calls", async () => {
    const { kv, stored, letPut } = open();
    const made = kv.wrap("a", () => "made");
    await new Promise((resolve) => setImmediate(resolve));
    const bytes = Buffer.from("bytes");
    const options = { metadata: { n: [1] }, expirationTtl: 60 } satisfies KVPutOptions;
    const puts = [kv.put("a", "text"), kv.delete("a"), kv.put("a", bytes, options)];
    bytes.fill(0);
    options.metadata.n.push(2);
    options.expirationTtl = 1;
    expect(await kv.get("a")).toBe("bytes");
    letPut();
    await Promise.all([made, ...puts]);
    expect(await stored.getWithMetadata("a")).toMatchObject({ value: "bytes", metadata: { n: [1] } });
    expect(await kv.get("a")).toBe("bytes");
  });

  test("ends by its signal and by its deadline, and is not sent then", async () => {
    const { kv, stored, letPut } = open();
    const made = kv.wrap("a", () => "made");
    await new Promise((resolve) => setImmediate(resolve));
    const controller = new AbortController();
    const aborted = kv.put("a", "aborted", { signal: controller.signal });
    const late = [kv.put("a", "late", { deadline: 5 }), kv.delete("a", { deadline: 5 })].map(errorOf);
    controller.abort(new Error("no longer wanted"));
    await expect(aborted).rejects.toThrow("no longer wanted");
    rest.advance(5);
    for (const { message } of await Promise.all(late)) {
      expect(message).toBe(
        'The deadline of 5 ms passed while the write of "a" waited for wrap to store a value. It was not sent.',
      );
    }
    letPut();
    await made;
    expect(await stored.get("a")).toBe('"made"');
  });

  test("does not wait for long", async () => {
    const stored = openKV();
    const slow = overlaid(stored, {
      put: async (key: string, value: string) => (value === '"made"' ? new Promise(() => {}) : stored.put(key, value)),
    });
    const kv = withCache(slow, { max: 10, deadline: 20 });
    const made = kv.wrap("a", () => "made");
    await manyTurns();
    rest.advance(20);
    expect(await made).toBe("made");
    const puts = Promise.all([kv.put("a", "1"), kv.put("a", "2"), kv.put("a", "3")]);
    await manyTurns();
    rest.advance(20);
    await puts;
    expect(await stored.get("a")).toBe("3");
  });
});
