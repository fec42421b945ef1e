import { withCache } from "@kvplug/cache";
import { describe, expect, test } from "vitest";
import { textOf } from "../support/bytes.ts";
import { useCachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";

const BULK_GET = "POST /:namespace/bulk/get";

const keysUpTo = (count: number): string[] => Array.from({ length: count }, (_, i) => `key ${i}`);

describe("reads that ask the backend once", () => {
  const rest = useCachedRest();
  const { wire } = rest;

  async function store(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => rest.store.put(key, `value of ${key}`, { metadata: key })));
  }

  test("a thousand cold gets of a key are one backend read", async () => {
    await store(["a"]);
    const found = await Promise.all(Array.from({ length: 1000 }, () => rest.kv.get("a")));
    expect(new Set(found)).toEqual(new Set(["value of a"]));
    expect(rest.server.requests.byRoute).toEqual({ [BULK_GET]: 1 });
    expect(rest.kv.stats()).toMatchObject({ hits: 0, misses: 1000, coalesced: 999, backendReads: 1 });
  });

  test("a get that comes while another one is under way joins it, in every form", async () => {
    await store(["a"]);
    wire.hold();
    const first = rest.kv.getWithMetadata("a", "arrayBuffer");
    await rest.sent(2);
    const others = Promise.all([
      rest.kv.get("a"),
      rest.kv.getWithMetadata("a"),
      rest.kv.get(["a"]),
      rest.kv.getWithMetadata(["a"]),
      rest.kv.get("a", "arrayBuffer"),
    ]);
    wire.release();
    const bytes = new TextEncoder().encode("value of a").buffer;
    const entry = { value: "value of a", metadata: "a", cacheStatus: null };
    expect((await first).value).toEqual(bytes);
    expect(await others).toEqual(["value of a", entry, new Map([["a", "value of a"]]), new Map([["a", entry]]), bytes]);
    // The bytes, and the metadata.
    expect(rest.server.requests.total).toBe(2);
  });

  test("of a key that does not exist, too", async () => {
    const found = await Promise.all(Array.from({ length: 100 }, () => rest.kv.get("nobody")));
    expect(new Set(found)).toEqual(new Set([null]));
    expect(await rest.kv.get("nobody")).toBeNull();
    expect(rest.server.requests.total).toBe(1);
  });

  test("a stampede on a backend that fails is one failed request, of which all are told", async () => {
    rest.fail();
    const outcomes = await Promise.all(Array.from({ length: 1000 }, () => errorOf(rest.kv.get("a"))));
    expect(wire.sent).toHaveLength(1);
    for (const error of outcomes) expect(error).toMatchObject({ code: "KV_API", httpStatus: 500 });
    // A failure is not kept.
    rest.recover();
    await store(["a"]);
    expect(await rest.kv.get("a")).toBe("value of a");
  });

  test("concurrent gets of a thousand keys share the driver's batches", async () => {
    const keys = keysUpTo(1000);
    await store(keys);
    const found = await Promise.all(keys.map((key) => rest.kv.get(key)));
    expect(found).toEqual(keys.map((key) => `value of ${key}`));
    expect(rest.server.requests.byRoute).toEqual({ [BULK_GET]: 10 });
    expect(await Promise.all(keys.map((key) => rest.kv.get(key)))).toEqual(found);
    expect(rest.server.requests.total).toBe(10);
  });

  test("get(keys) of a thousand keys is ten requests, and none the second time", async () => {
    const keys = keysUpTo(1000);
    await store(keys);
    const expected = keys.map((key) => [key, `value of ${key}`]);
    expect([...(await rest.kv.get(keys))]).toEqual(expected);
    expect(rest.server.requests.byRoute).toEqual({ [BULK_GET]: 10 });
    expect([...(await rest.kv.get(keys))]).toEqual(expected);
    expect((await rest.kv.getWithMetadata(keys)).get("key 7")!.metadata).toBe("key 7");
    expect(rest.server.requests.total).toBe(10);
  });

  test("get(keys) is not one call per key, whatever the backend batches", async () => {
    const keys = keysUpTo(250);
    await store(keys);
    const kv = rest.open({}, { batch: false });
    expect([...(await kv.get(keys)).values()]).toEqual(keys.map((key) => `value of ${key}`));
    expect(rest.server.requests.byRoute).toEqual({ [BULK_GET]: 3 });
  });

  test("get(keys) asks for what is missing, and for nothing else", async () => {
    await store(["a", "b", "c", "d"]);
    await rest.kv.get("a");
    await rest.kv.put("b", "written");
    await rest.kv.delete("c");
    const before = wire.sent.length;
    const found = await rest.kv.get(["d", "c", "b", "a", "nobody", "d"]);
    expect([...found]).toEqual([
      ["d", "value of d"],
      ["c", null],
      ["b", "written"],
      ["a", "value of a"],
      ["nobody", null],
    ]);
    expect(wire.sent.slice(before).map(({ keys }) => keys)).toEqual([["d", "nobody"]]);
  });

  test("get(keys) joins reads that are under way", async () => {
    await store(["a", "b"]);
    wire.hold();
    const first = rest.kv.get("a");
    await rest.sent(1);
    const both = rest.kv.get(["a", "b"]);
    await rest.sent(2);
    wire.release();
    expect([await first, ...(await both).values()]).toEqual(["value of a", "value of a", "value of b"]);
    expect(wire.sent[1]!.keys).toEqual(["b"]);
  });

  test("a hit costs no request, in any form", async () => {
    await rest.elsewhere("a", '{"n":1}', { metadata: { m: 1 } });
    await rest.kv.getWithMetadata("a", "arrayBuffer");
    expect(await rest.kv.get("a")).toBe('{"n":1}');
    expect(await rest.kv.get("a", "json")).toEqual({ n: 1 });
    expect(await rest.kv.get(["a"], "json")).toEqual(new Map([["a", { n: 1 }]]));
    expect(await textOf((await rest.kv.get("a", "stream"))!)).toBe('{"n":1}');
    expect(await rest.kv.getWithMetadata("a", "json")).toEqual({
      value: { n: 1 },
      metadata: { m: 1 },
      cacheStatus: null,
    });
    // The bytes and the metadata, once.
    expect(rest.server.requests.total).toBe(2);
  });

  test("list passes through, and a stream of what is not known", async () => {
    await store(["a", "b"]);
    expect((await rest.kv.list({ limit: 1 })).keys).toEqual([{ name: "a", metadata: "a" }]);
    expect((await rest.kv.list({ limit: 1 })).keys).toEqual([{ name: "a", metadata: "a" }]);
    for (let i = 0; i < 2; i++) {
      expect(await textOf((await rest.kv.get("a", "stream"))!)).toBe("value of a");
      expect((await rest.kv.getWithMetadata("a", "stream")).metadata).toBe("a");
    }
    const { total } = rest.server.requests;
    await rest.kv.backend.get("a", "stream");
    await rest.kv.backend.getWithMetadata("a", "stream");
    const cost = rest.server.requests.total - total;
    expect(total).toBe(2 + 2 * cost);
    expect(rest.kv.stats()).toMatchObject({ entries: 0, hits: 0, misses: 0 });
  });

  test("a cache over a cache asks for each key once", async () => {
    const keys = keysUpTo(200);
    await store(keys);
    const outer = withCache(rest.kv, { max: 10 });
    expect([...(await outer.get(keys)).values()]).toEqual(keys.map((key) => `value of ${key}`));
    expect(await Promise.all(keys.map((key) => outer.get(key)))).toEqual(keys.map((key) => `value of ${key}`));
    expect(rest.server.requests.byRoute).toEqual({ [BULK_GET]: 2 });
    expect(outer.stats().entries).toBe(10);
  });
});
