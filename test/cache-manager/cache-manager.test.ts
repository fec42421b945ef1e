import { createStores } from "@kvplug/cache-manager";
import { kvStore } from "@kvplug/cache-manager/v5";
import { KeyvKV } from "@kvplug/keyv";
import { caching, multiCaching } from "cache-manager-5";
import { createCache as createCache6, KeyvAdapter as Adapter6 } from "cache-manager-6";
import { createCache as createCache7, KeyvAdapter as Adapter7 } from "cache-manager-7";
import { Keyv } from "keyv";
import { Keyv as Keyv6 } from "keyv6";
import { describe, expect, it } from "vitest";
import { useStandingClock } from "../support/clock.ts";
import { allOf, errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";
import { useGround } from "../support/ground.ts";
import { listAll } from "../support/namespace.ts";
import { accountOf, startRest } from "../support/rest.ts";

/** A slow machine may need more than the five seconds after which a cache goes on without its store. */
const PATIENT = { deadline: 60_000 };

const newer = { "cache-manager 6": createCache6, "cache-manager 7": createCache7 };

describe.each(Object.entries(newer))("%s", (version, createCache) => {
  const rest = useGround({ now: () => Date.now() });
  const advance = useStandingClock();
  const open = (more = {}): ReturnType<typeof createCache7> =>
    createCache({ stores: createStores(rest.kv, { ...PATIENT, ...more }) }) as ReturnType<typeof createCache7>;

  it("makes a value once, for as long as its ttl", async () => {
    const cache = open();
    let made = 0;
    const make = (): Promise<number> => Promise.resolve(++made);
    expect([await cache.wrap("a", make, 5_000), await cache.wrap("a", make, 5_000)]).toEqual([1, 1]);
    advance(5_000);
    expect(await cache.wrap("a", make, 5_000)).toBe(2);
  });

  it("reads, writes and deletes many in one request each", async () => {
    const cache = open();
    const keys = Array.from({ length: 100 }, (_, i) => `key-${i}`);
    await cache.mset(keys.map((key) => ({ key, value: key })));
    expect(rest.server.requests.total).toBe(1);
    expect(await cache.mget(keys)).toEqual(keys);
    // cache-manager 6 reads one key after the other.
    expect(rest.server.requests.total).toBe(version === "cache-manager 7" ? 2 : 101);
    rest.server.requests.reset();
    await cache.mdel(keys);
    expect(rest.server.requests.total).toBe(1);
    expect(await listAll(rest.kv)).toEqual([]);
  });

  it("deletes in one request, without a look", async () => {
    const cache = open();
    await cache.set("a", 1);
    rest.server.requests.reset();
    await cache.del("a");
    expect(rest.server.requests.total).toBe(1);
    expect(await listAll(rest.kv)).toEqual([]);
  });

  it("keeps no old value in the store in front of it, though nobody waits for a delete or a clear", async () => {
    const front = new Keyv();
    const cache = createCache({ stores: [front, ...createStores(rest.kv, PATIENT)] });
    const removals: ((key: string) => Promise<unknown>)[] = [(key) => cache.del(key), () => cache.clear()];
    for (const [i, remove] of removals.entries()) {
      const key = `key-${i}`;
      await cache.set(key, "old");
      const removing = remove(key);
      expect(await cache.wrap(key, () => "new", 60_000)).toBe("new");
      await removing;
      expect([await front.get(key), await cache.get(key)]).toEqual(["new", "new"]);
    }
  });

  it("tells until when a value is good", async () => {
    const cache = open();
    await Promise.all([cache.set("a", 1, 5_000), cache.set("b", 1)]);
    expect([await cache.ttl("a"), (await cache.ttl("b")) ?? undefined]).toEqual([Date.now() + 5_000, undefined]);
    advance(4_999);
    expect(await cache.get("a")).toBe(1);
    advance(1);
    expect((await cache.get("a")) ?? undefined).toBeUndefined();
  });

  it("refreshes in the background what is soon over", async () => {
    const cache = open();
    let made = 0;
    const make = (): Promise<number> => Promise.resolve(++made);
    const refreshed = new Promise((resolve) => cache.on("refresh", resolve));
    const wrap = (): Promise<number> => cache.wrap("a", make, { ttl: 5_000, refreshThreshold: 2_000 });
    await wrap();
    advance(3_001);
    expect(await wrap()).toBe(1);
    expect(await refreshed).toMatchObject({ key: "a", value: 2 });
    expect(await wrap()).toBe(2);
    expect(await cache.ttl("a")).toBe(Date.now() + 5_000);
  });

  it("fills the store in front of it from KV", async () => {
    const front = new Keyv();
    const cache = createCache({ stores: [front, ...createStores(rest.kv, PATIENT)] });
    await open().set("a", { plan: "free" }, 5_000);
    expect(await cache.wrap("a", () => ({ plan: "made anew" }), 1_000)).toEqual({ plan: "free" });
    expect(await front.get("a")).toEqual({ plan: "free" });
    await cache.del("a");
    expect([await front.get("a"), await listAll(rest.kv)]).toEqual([undefined, []]);
  });

  it("clears its namespace alone", async () => {
    const [users, posts] = [open({ namespace: "users" }), open({ namespace: "posts" })];
    await Promise.all([users.set("a", 1), posts.set("a", 2)]);
    await users.clear();
    expect([await users.get("a"), await posts.get("a")].map((value) => value ?? undefined)).toEqual([undefined, 2]);
  });

  it("reads known values without a request, with an LRU layer", async () => {
    const cache = open({ lru: { max: 10, ttl: 5_000 } });
    await cache.set("a", 1);
    rest.server.requests.reset();
    expect(await cache.get("a")).toBe(1);
    expect(rest.server.requests.total).toBe(0);
    advance(5_000);
    expect(await cache.get("a")).toBe(1);
    expect(rest.server.requests.total).toBe(1);
  });

  it("tells failures to onError and answers misses", async () => {
    const { kv, server, close } = await startRest({}, { retry: false });
    await server.close();
    const errors: unknown[] = [];
    const cache = createCache({ stores: createStores(kv, { onError: (error) => errors.push(error) }) });
    expect((await cache.get("a")) ?? undefined).toBeUndefined();
    expect(errors).toMatchObject([{ code: "KV_NETWORK" }]);
    await close();
  });
});

describe("a Keyv in place of what it stands on", () => {
  const rest = useGround();

  it.each([
    ["Keyv 5", () => new Keyv({ store: new KeyvKV(rest.kv) })],
    ["Keyv 6", () => new Keyv6({ store: new KeyvKV(rest.kv) })],
    ["an adapter", () => new KeyvKV(rest.kv)],
  ])("is refused, and the error says what to do: %s", (_, open) => {
    expect(() => createStores(open() as any)).toThrow(
      expect.objectContaining({
        code: "KV_INVALID",
        message: expect.stringContaining("Pass what you passed to your Keyv's store"),
      }),
    );
  });
});

describe("cache-manager 5", () => {
  const rest = useGround({ now: () => Date.now() });
  const advance = useStandingClock();

  it("keeps what has no ttl for the store's, and tells what is left", async () => {
    const store = kvStore(rest.kv, { ...PATIENT, ttl: 5_000 });
    const cache = await caching(store);
    let made = 0;
    expect(await cache.wrap("a", async () => ++made)).toBe(1);
    expect(await cache.wrap("a", async () => ++made)).toBe(1);
    expect(await store.ttl("a")).toBe(5_000);
    advance(5_000);
    expect([await store.ttl("a"), await cache.get("a")]).toEqual([-2, undefined]);
    await store.set("b", null, 0);
    expect([await store.ttl("b"), await store.get("b")]).toEqual([-1, null]);
  });

  it("works on many in one request each", async () => {
    const store = kvStore(rest.kv, PATIENT);
    const keys = Array.from({ length: 100 }, (_, i) => `key-${i}`);
    await store.mset(keys.map((key) => [key, key]));
    expect(await store.mget(...keys, "none")).toEqual([...keys, undefined]);
    await store.mdel(...keys);
    expect(rest.server.requests.total).toBe(4);
    await store.mset([["a", 1]]);
    await store.reset();
    expect(await store.keys()).toEqual([]);
  });

  it.each(Object.entries({ 6: [createCache6, Adapter6], 7: [createCache7, Adapter7] } as const))(
    "lends its store to cache-manager %s, by that one's adapter",
    async (_, [createCache, Adapter]) => {
      const store = kvStore(rest.kv, PATIENT);
      const cache = (createCache as typeof createCache7)({ stores: [new Keyv({ store: new Adapter(store) })] });
      expect(await cache.wrap("a", () => "made", 5_000)).toBe("made");
      expect(await cache.wrap("a", () => "made anew", 5_000)).toBe("made");
      await cache.del("a");
      expect(await store.keys()).toEqual([]);
    },
  );

  it("takes the factory with the options of both", async () => {
    const onBackgroundRefreshError = (): void => {};
    const options = { kv: rest.kv, ttl: 5_000, refreshThreshold: 2_000, onBackgroundRefreshError };
    const cache = await caching(kvStore, options);
    let made = 0;
    const wrap = (): Promise<number> => cache.wrap("a", async () => ++made);
    expect([await wrap(), await cache.store.ttl("a")]).toEqual([1, 5_000]);
    advance(3_001);
    expect(await wrap()).toBe(1);
    await eventually(async () => expect(await cache.get("a")).toBe(2));
  });

  it("is what NestJS 10 makes of it, which hands on its own options and a default ttl of 5 s", async () => {
    const nest = { ttl: 5_000, max: 100, isGlobal: true };
    const made = await caching(kvStore, { ...nest, store: kvStore, kv: rest.kv });
    await made.set("a", 1);
    expect(await made.store.ttl("a")).toBe(5_000);
    // It takes this for a factory, in place of the store itself.
    const ready = kvStore(rest.kv, PATIENT);
    const cache = await caching(ready.create, { ...nest, store: ready, ttl: 60_000 });
    await cache.set("b", 1);
    expect([await ready.ttl("b"), await cache.get("b"), await ready.get("b")]).toEqual([60_000, 1, 1]);
    const dated = kvStore(rest.kv, { ...PATIENT, ttl: 20_000 });
    await (await caching(dated.create, { ...nest, store: dated })).set("c", 1);
    await cache.store.mset([["d", 1]]);
    await ready.set("e", 1);
    expect(await Promise.all(["c", "d", "e"].map((key) => ready.ttl(key)))).toEqual([20_000, 60_000, -1]);
    expect(() => ready.create({ ...nest, store: ready, ttl: -1 })).toThrow("ttl must be a number of milliseconds");
  });

  it("refuses an option of NestJS that nobody handed on", () => {
    expect(() => kvStore(rest.kv, { ...PATIENT, max: 100 } as any)).toThrow('no option "max"');
  });

  it("tells of a value that is no JSON by its key, and never shows it", async () => {
    const store = kvStore(rest.kv, { ...PATIENT, isCacheable: () => true });
    await rest.kv.put("foreign", "hunter2");
    for (const call of [store.get("foreign"), store.mget("foreign")]) {
      const error = await errorOf(call);
      expect([error.code, error.key]).toEqual(["KV_VALUE", "foreign"]);
      expect(allOf(error)).not.toContain("hunter2");
    }
    await expect(store.set("a", 5n)).rejects.toThrow('The value of "a", a bigint, cannot be written as JSON.');
    await expect(store.set("a", () => 1)).rejects.toThrow('The value of "a", a function, cannot be written as JSON.');
    await expect(store.mset([["a", undefined]])).rejects.toThrow(
      /The value of "a", undefined, .* Exclude it with isCacheable/,
    );
  });

  it("makes a value anew that is no JSON", async () => {
    const cache = await caching(kvStore(rest.kv, PATIENT));
    const errors: unknown[] = [];
    cache.on("error", ({ error }) => errors.push(error));
    await rest.kv.put("foreign", "hunter2");
    expect(await cache.wrap("foreign", async () => 1)).toBe(1);
    expect(await cache.get("foreign")).toBe(1);
    expect(errors).toMatchObject([{ code: "KV_VALUE" }]);
  });

  it("tells onError of each failure, also of what is no JSON, in place of a rejection", async () => {
    const errors: unknown[] = [];
    const store = kvStore(rest.kv, { ...PATIENT, onError: (error) => errors.push(error) });
    await rest.kv.put("foreign", "hunter2");
    await store.set("own", 1);
    expect(await store.get("foreign")).toBeUndefined();
    expect(await store.mget("own", "foreign")).toEqual([1, undefined]);
    await store.set("own", 5n);
    await store.mset([["own", 5n]]);
    expect(await store.get("own")).toBe(1);
    const codes = errors.map((error) => (error as { code: string }).code);
    expect(codes).toEqual(["KV_VALUE", "KV_VALUE", "KV_INVALID", "KV_INVALID"]);
  });

  it("deletes in one request, without a look", async () => {
    const store = kvStore(rest.kv, PATIENT);
    await store.mset(["a", "b", "c"].map((key) => [key, 1]));
    rest.server.requests.reset();
    await store.del("a");
    await store.mdel("b", "c");
    expect(rest.server.requests.total).toBe(2);
    expect(await store.keys()).toEqual([]);
  });

  it("finds keys by a pattern", async () => {
    const store = kvStore(rest.kv, { ...PATIENT, namespace: "n" });
    await store.mset(["a1", "a2", "a.b", "b1"].map((key) => [key, 1]));
    expect(await store.keys("a*")).toEqual(["a.b", "a1", "a2"]);
    expect(await store.keys("a.?")).toEqual(["a.b"]);
  });

  it.each([
    ["*", ["", "a*b", "a\nb", "(a)", "🦊🦊"]],
    ["", [""]],
    ["a*b", ["a*b", "a\nb"]],
    ["a?b", ["a*b", "a\nb"]],
    ["*a*", ["a*b", "a\nb", "(a)"]],
    ["(?)", ["(a)"]],
    ["🦊?", ["🦊🦊"]],
    ["?", []],
    ["a", []],
    ["**🦊**", ["🦊🦊"]],
  ])("of odd keys the pattern %j finds %j", async (pattern, found) => {
    const store = kvStore(rest.kv, { ...PATIENT, namespace: "n" });
    await store.mset(["", "a*b", "a\nb", "(a)", "🦊🦊"].map((key) => [key, 1]));
    expect((await store.keys(pattern)).toSorted()).toEqual(found.toSorted());
  });

  it("is not held up by a pattern of many stars", async () => {
    const store = kvStore(rest.kv, PATIENT);
    await store.set("a".repeat(500), 1);
    expect(await store.keys(`${"*a".repeat(20)}*b`)).toEqual([]);
    expect(await store.keys(`${"*a".repeat(20)}*`)).toHaveLength(1);
  });

  it("stands behind another store", async () => {
    const store = kvStore(rest.kv, PATIENT);
    const memory = await caching("memory", { max: 10, ttl: 1_000 });
    const cache = multiCaching([memory, await caching(store)]);
    await cache.set("a", 1, 1_000);
    expect([await cache.get("a"), await store.get("a")]).toEqual([1, 1]);
    await store.set("b", 2, 60_000);
    expect([await cache.wrap("b", async () => 3, 1_000), await memory.get("b")]).toEqual([2, 2]);
    await cache.mdel("a", "b");
    expect([await cache.mget("a", "b"), await listAll(rest.kv)]).toEqual([[undefined, undefined], []]);
  });
});

describe("the LRU layer", () => {
  const rest = useGround();

  it.each([
    ["createStores", (options: object) => createStores(options)[0]],
    ["kvStore", (options: object) => kvStore(options)],
  ])("of %s closes a driver that was opened here, and no namespace that was given", async (_, open) => {
    const own = open({ ...accountOf(rest.server), namespaceId: rest.server.namespaces[0]!.id, lru: { max: 10 } });
    await own.set("a", 1);
    await own.disconnect();
    await own.set("b", 1).catch(() => {});
    expect((await listAll(rest.kv)).map(({ name }) => name)).toEqual(["a"]);
    await open({ kv: rest.kv, lru: { max: 10 } }).disconnect();
    expect(await rest.kv.get("a")).not.toBeNull();
  });
});

describe("bad options", () => {
  const rest = useGround();

  it.each<[object, RegExp]>([
    [{ lru: { max: 5 }, namespaze: "x" }, /no option "namespaze"/],
    [{ lru: { max: 5 }, apiToken: "t" }, /no option "apiToken"/],
    [{ lru: { max: 5, tll: 4 } }, /lru has no option "tll". It has: max, ttl/],
    [{ lru: true }, /options of lru must be an object/],
    [{ lru: {} }, /needs a bound/],
  ])("are refused by both: %o", (options, message) => {
    expect(() => createStores(rest.kv, options)).toThrow(message);
    expect(() => kvStore(rest.kv, options)).toThrow(message);
  });

  it("of one alone are refused by it", () => {
    expect(() => createStores(rest.kv, { onError: 5 as any })).toThrow("onError must be a function, not 5");
    expect(() => kvStore(rest.kv, { isCacheable: 5 as any })).toThrow("isCacheable must be a function, not 5");
    expect(() => kvStore(rest.kv, { ttl: "1h" as any })).toThrow("ttl must be a number of milliseconds, 0 or more");
    expect(() => kvStore(rest.kv, { ttl: -1 })).toThrow("ttl must be a number of milliseconds, 0 or more, not -1");
    expect(() => createStores("redis://" as any)).toThrow("createStores takes a KVNamespace");
    expect(() => kvStore(null as any)).toThrow("kvStore takes a KVNamespace");
  });
});
