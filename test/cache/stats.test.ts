import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { CACHE_CHANNEL, withCache, type CacheEvent, type CacheStats } from "@kvplug/cache";
import { openKV } from "@kvplug/server";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { useCachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";

const MINUTE = 60_000;

describe("stats()", () => {
  const rest = useCachedRest();

  test("of a new cache", () => {
    const expected: CacheStats = {
      hits: 0,
      misses: 0,
      stale: 0,
      coalesced: 0,
      backendReads: 0,
      evictions: 0,
      tooLarge: 0,
      errors: 0,
      entries: 0,
      bytes: 0,
    };
    expect(rest.kv.stats()).toEqual(expected);
  });

  test("counts keys, not calls", async () => {
    for (const key of ["a", "b", "c"]) await rest.elsewhere(key, key);
    const kv = rest.open({ max: 3, maxValueBytes: 10, staleIfError: MINUTE });
    await Promise.all([kv.get("a"), kv.get("a"), kv.get(["a", "b", "nobody"])]);
    expect(kv.stats()).toMatchObject({ hits: 0, misses: 5, coalesced: 2, backendReads: 3, entries: 3 });
    await kv.get(["a", "b", "a"]);
    await kv.get("nobody");
    await kv.getWithMetadata("a");
    // It passes through: what was read as text may stand for other bytes.
    await kv.getWithMetadata("a", "stream");
    expect(kv.stats()).toMatchObject({ hits: 4, misses: 5, backendReads: 3 });
    await kv.get("c");
    expect(kv.stats()).toMatchObject({ misses: 6, backendReads: 4, evictions: 1, entries: 3 });
    await kv.put("c", "x".repeat(11));
    expect(kv.stats()).toMatchObject({ tooLarge: 1, entries: 2 });
    rest.advance(MINUTE);
    rest.fail();
    await kv.get("a");
    expect(kv.stats()).toEqual({
      hits: 4,
      misses: 7,
      stale: 1,
      coalesced: 2,
      backendReads: 5,
      evictions: 1,
      tooLarge: 1,
      errors: 0,
      entries: 2,
      bytes: kv.stats().bytes,
    });
  });

  test("a write under way is a hit", async () => {
    const written = rest.kv.put("a", "1");
    await rest.kv.get("a");
    expect(rest.kv.stats()).toMatchObject({ hits: 1, misses: 0, entries: 0 });
    await written;
    expect(rest.kv.stats()).toMatchObject({ entries: 1 });
  });

  test("bytes go up and down with what is held", async () => {
    await rest.kv.put("a", "x".repeat(1000));
    const { bytes } = rest.kv.stats();
    expect(bytes).toBeGreaterThanOrEqual(1001);
    await rest.kv.put("b", "é".repeat(1000));
    expect(rest.kv.stats().bytes).toBe(2 * bytes + 1000);
    await rest.kv.put("b", new Uint8Array(1000));
    expect(rest.kv.stats().bytes).toBe(2 * bytes);
    rest.kv.invalidate("a");
    expect(rest.kv.stats().bytes).toBe(bytes);
    rest.kv.clearLocal();
    expect(rest.kv.stats()).toMatchObject({ entries: 0, bytes: 0, evictions: 0 });
  });

  test("what is handed out does not change", async () => {
    const before = rest.kv.stats();
    await rest.kv.get("a");
    expect(before.misses).toBe(0);
  });
});

describe("events", () => {
  const rest = useCachedRest();
  let events: CacheEvent[] = [];
  const listen = (event: unknown): void => void events.push(event as CacheEvent);
  beforeEach(() => {
    events = [];
    subscribe(CACHE_CHANNEL, listen);
  });
  afterEach(() => void unsubscribe(CACHE_CHANNEL, listen));

  /** What was published since. */
  function published(): CacheEvent[] {
    return events.splice(0);
  }

  test("hits and misses, key by key", async () => {
    await rest.kv.get("a");
    await rest.kv.get(["a", "b"]);
    await rest.kv.put("c", "1");
    await rest.kv.get("c", "stream");
    expect(published()).toEqual([
      { type: "miss", key: "a" },
      { type: "hit", key: "a" },
      { type: "miss", key: "b" },
      { type: "hit", key: "c" },
    ]);
  });

  test("copies that go for others", async () => {
    const kv = rest.open({ max: 1 });
    await kv.put("a", "1");
    await kv.put("b", "1");
    await kv.put("b", "2");
    expect(published()).toEqual([{ type: "evict", key: "a" }]);
  });

  test("why a stale copy is handed out, and what became of the circuit", async () => {
    const kv = rest.open({
      staleWhileRevalidate: MINUTE,
      staleIfError: 10 * MINUTE,
      fetchTimeout: 50,
      circuit: { failures: 2, cooldown: 1000 },
    });
    await rest.elsewhere("a", "1");
    await kv.get("a");
    rest.advance(MINUTE);
    rest.fail();
    published();

    await kv.get("a");
    await eventually(() => expect(kv.stats().errors).toBe(1));
    const error: unknown = expect.objectContaining({ code: "KV_API" });
    expect(published()).toEqual([
      { type: "stale", key: "a", why: "revalidating" },
      { type: "error", during: "refresh", key: "a", error },
    ]);

    rest.advance(MINUTE);
    await kv.get("a");
    await kv.get("a");
    expect(published()).toEqual([
      { type: "miss", key: "a" },
      { type: "circuit", open: true },
      { type: "stale", key: "a", why: "error" },
      { type: "stale", key: "a", why: "circuit" },
    ]);

    rest.recover();
    rest.advance(1000);
    rest.wire.hold();
    const { length } = rest.wire.sent;
    const slow = kv.get("a");
    await rest.sent(length + 1);
    rest.advance(50);
    await slow;
    expect(published()).toEqual([
      { type: "miss", key: "a" },
      { type: "stale", key: "a", why: "slow" },
    ]);
    rest.wire.release();
    await eventually(() => expect(published()).toEqual([{ type: "circuit", open: false }]));
  });

  test("what is invalidated", () => {
    rest.kv.invalidate("a");
    rest.kv.invalidate(["a", "b"]);
    rest.kv.invalidate({ prefix: "user:" });
    expect(published()).toEqual([
      { type: "invalidate", keys: ["a"], remote: false },
      { type: "invalidate", keys: ["a", "b"], remote: false },
      { type: "invalidate", prefix: "user:", remote: false },
    ]);
  });

  test("what fails when wrap reads and stores", async () => {
    rest.fail();
    await rest.kv.wrap("a", () => 1);
    const error: unknown = expect.objectContaining({ code: "KV_API" });
    expect(published()).toEqual([
      { type: "miss", key: "a" },
      { type: "error", during: "wrap", key: "a", error },
      { type: "error", during: "wrap", key: "a", error },
    ]);
  });

  test("values and metadata are in none of them", async () => {
    const kv = rest.open({ max: 1, staleIfError: MINUTE });
    await kv.put("a", "secret", { metadata: "secret" });
    await kv.get("a");
    await kv.wrap("b", () => "secret");
    rest.advance(MINUTE);
    rest.fail();
    await kv.wrap("b", () => "secret");
    await errorOf(kv.put("b", "secret"));
    expect(events.length).toBeGreaterThan(4);
    expect(JSON.stringify(published())).not.toContain("secret");
  });
});

describe("invalidate", () => {
  const rest = useCachedRest();
  const KEYS = ["user:1", "user:2", "user", "users:1", "x"];

  async function fill(): Promise<void> {
    await Promise.all(KEYS.map((key) => rest.elsewhere(key, "old")));
    await rest.kv.get(KEYS);
    await Promise.all(KEYS.map((key) => rest.elsewhere(key, "new")));
  }

  test.for([
    ["a key", "user:1", ["user:1"]],
    ["some keys", ["user", "x", "nobody"], ["user", "x"]],
    ["no keys", [], []],
    ["a prefix", { prefix: "user:" }, ["user:1", "user:2"]],
    ["all", { prefix: "" }, KEYS],
  ] as [name: string, what: string | string[] | { prefix: string }, forgotten: string[]][])(
    "%s",
    async ([, what, forgotten]) => {
      await fill();
      rest.kv.invalidate(what);
      expect(rest.kv.stats().entries).toBe(KEYS.length - forgotten.length);
      for (const key of KEYS) expect(await rest.kv.get(key)).toBe(forgotten.includes(key) ? "new" : "old");
    },
  );

  test("what was written and deleted is forgotten as well", async () => {
    await rest.kv.put("a", "1");
    await rest.kv.delete("b");
    await Promise.all([rest.elsewhere("a", "2"), rest.elsewhere("b", "2")]);
    rest.kv.invalidate(["a", "b"]);
    expect([...(await rest.kv.get(["a", "b"])).values()]).toEqual(["2", "2"]);
  });

  test.for([
    ["undefined", undefined],
    ["null", null],
    ["an object without a prefix", { key: "a" }],
    ["a prefix that is no text", { prefix: 1 }],
    ["a number", 1],
  ])("%s is told what to pass", async ([, what]) => {
    const invalidate = async (): Promise<void> => rest.kv.invalidate(what as string);
    const error = await errorOf(invalidate());
    expect(error).toMatchObject({ code: "KV_INVALID" });
    expect(error.message).toContain('invalidate takes a key, an array of keys, or { prefix: "user:" }, not ');
  });

  test("a key that cannot be is refused, and nothing is forgotten", async () => {
    await rest.kv.put("a", "1");
    expect(() => rest.kv.invalidate(["a", ""])).toThrow("empty");
    expect(rest.kv.stats().entries).toBe(1);
  });

  test("clearLocal forgets all, and what is being read is not kept", async () => {
    await fill();
    rest.wire.hold();
    rest.wire.sent.length = 0;
    const reading = rest.kv.get("y");
    await rest.sent(1);
    rest.kv.clearLocal();
    rest.wire.release();
    await reading;
    expect(rest.kv.stats()).toMatchObject({ entries: 0, bytes: 0 });
    for (const key of KEYS) expect(await rest.kv.get(key)).toBe("new");
  });
});

describe("close", () => {
  const rest = useCachedRest();

  test("waits for what is being written, and closes the backend, once", async () => {
    rest.wire.hold();
    const written = rest.kv.put("a", "1");
    const closing = rest.kv.close();
    await rest.sent(1);
    expect(await Promise.race([closing, Promise.resolve("is waiting")])).toBe("is waiting");
    rest.wire.release();
    await Promise.all([written, closing, rest.kv.close(), rest.kv[Symbol.asyncDispose]()]);
    expect(await rest.stored("a")).toBe("1");
    expect(await errorOf(rest.kv.backend.get("b"))).toMatchObject({ code: "KV_CLOSED" });
  });

  test("waits whatever the backend does when it is closed", async () => {
    const kv = withCache(openKV(), { max: 10 });
    const source = new TransformStream<Uint8Array, Uint8Array>();
    const writer = source.writable.getWriter();
    const written = kv.put("a", source.readable);
    const closing = kv.close();
    await writer.write(Uint8Array.of(0x31));
    await writer.close();
    await Promise.all([written, closing]);
  });

  test("waits also for a write that fails", async () => {
    rest.fail();
    const written = errorOf(rest.kv.put("a", "1"));
    await rest.kv.close();
    expect(await written).toMatchObject({ code: "KV_API" });
  });

  test("calls that follow are refused, whatever is known", async () => {
    const kv = rest.open({ staleIfError: MINUTE });
    await kv.put("a", "1");
    await kv.close();
    for (const call of [
      kv.get("a"),
      kv.get("a", "stream"),
      kv.get(["a"]),
      kv.getWithMetadata("a"),
      kv.put("a", "1"),
      kv.delete("a"),
      kv.list(),
      kv.wrap("a", () => 1),
    ]) {
      expect(await errorOf(call)).toMatchObject({ code: "KV_CLOSED" });
    }
  });
});
