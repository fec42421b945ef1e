import { withCache } from "@kvplug/cache";
import { createStores } from "@kvplug/cache-manager";
import { kvStore } from "@kvplug/cache-manager/v5";
import type { KV } from "@kvplug/core";
import { KVSessions } from "@kvplug/session";
import { KVStore as ExpressStore } from "@kvplug/session/express";
import { KVStore as FastifyStore } from "@kvplug/session/fastify";
import { KVStore as KoaStore } from "@kvplug/session/koa";
import { caching } from "cache-manager-5";
import { createCache as createCache6 } from "cache-manager-6";
import { createCache as createCache7 } from "cache-manager-7";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startGateway, type RunningGateway } from "../support/gateway.ts";
import { clear, listAll } from "../support/namespace.ts";

let gateway: RunningGateway;
let kv: KV;

beforeAll(async () => {
  gateway = await startGateway();
  kv = gateway.open();
});
beforeEach(async () => clear(await gateway.bound()));
afterAll(async () => {
  await kv.close();
  await gateway.close();
});

const names = async (): Promise<string[]> => (await listAll(await gateway.bound())).map(({ name }) => name);

describe("cache-manager over a gateway", () => {
  const newer = { "cache-manager 6": createCache6, "cache-manager 7": createCache7 };

  it.each(Object.entries(newer))("%s", async (_version, createCache) => {
    const cache = createCache({ stores: createStores(kv) }) as ReturnType<typeof createCache7>;
    let made = 0;
    const make = (): Promise<number> => Promise.resolve(++made);
    expect([await cache.wrap("made", make, 60_000), await cache.wrap("made", make, 60_000)]).toEqual([1, 1]);
    await cache.mset(["a", "b", "c"].map((key) => ({ key, value: { key }, ttl: 60_000 })));
    expect(await cache.mget(["a", "c"])).toEqual([{ key: "a" }, { key: "c" }]);
    await cache.mdel(["a", "b"]);
    expect([(await cache.get("a")) ?? null, await cache.get("c")]).toEqual([null, { key: "c" }]);
    await cache.clear();
    expect(await names()).toEqual([]);
  });

  it("cache-manager 5", async () => {
    const store = kvStore(kv, { ttl: 60_000 });
    const cache = await caching(store);
    let made = 0;
    expect([await cache.wrap("a", async () => ++made), await cache.wrap("a", async () => ++made)]).toEqual([1, 1]);
    await store.mset([
      ["b", 2],
      ["c", 3],
    ]);
    expect(await store.mget("a", "b", "none")).toEqual([1, 2, undefined]);
    expect(await store.keys("*")).toEqual(["a", "b", "c"]);
    expect(await store.ttl("a")).toBeGreaterThan(50_000);
    await store.mdel("a", "b");
    await store.reset();
    expect(await names()).toEqual([]);
  });
});

describe("sessions over a gateway", () => {
  const session = { cookie: { originalMaxAge: 3_600_000 }, user: { id: 7 } };

  it.each([
    ["Express", () => new ExpressStore(kv, { cache: false })],
    ["Fastify", () => new FastifyStore(kv, { cache: false })],
  ])("the store of %s", async (_name, open) => {
    const store = open();
    await store.set("one", session);
    expect(await store.get("one")).toMatchObject({ user: { id: 7 } });
    const changed = { ...session, user: { id: 8 } };
    await store.set("one", changed);
    expect(await store.get("one")).toMatchObject({ user: { id: 8 } });
    await store.destroy("one");
    expect(await store.get("one")).toBeNull();
    expect(await names()).toEqual([]);
  });

  it("the store of Koa", async () => {
    const store = new KoaStore(kv, { cache: false });
    await store.set("one", { user: 7 });
    expect(await store.get("one")).toMatchObject({ user: 7 });
    await store.destroy("one");
    expect(await names()).toEqual([]);
  });

  it("logins of a hundred, and all of them listed", async () => {
    const sessions = new KVSessions(kv);
    const ids = Array.from({ length: 100 }, (_, i) => `id-${100 + i}`);
    await Promise.all(ids.map((id) => sessions.set(id, { user: id })));
    const other = new KVSessions(kv);
    expect(await other.length()).toBe(100);
    expect((await other.ids()).toSorted()).toEqual(ids);
    expect(await Promise.all(ids.map(async (id) => (await other.get(id))?.["user"]))).toEqual(ids);
    await other.clear();
    expect(await names()).toEqual([]);
    await Promise.all([sessions.close(), other.close()]);
  });
});

describe("a cache over a gateway", () => {
  it("reads through, writes through and wraps", async () => {
    const cached = withCache(gateway.open(), { max: 100 });
    await cached.put("a", "1", { metadata: { n: 1 }, expirationTtl: 60 });
    expect(await (await gateway.bound()).get("a")).toBe("1");
    expect(await cached.getWithMetadata("a")).toMatchObject({ value: "1", metadata: { n: 1 } });
    await (await gateway.bound()).put("b", "2");
    expect([...(await cached.get(["a", "b", "c"])).values()]).toEqual(["1", "2", null]);
    let made = 0;
    const make = async (): Promise<number> => ++made;
    expect(await Promise.all([cached.wrap("made", make), cached.wrap("made", make)])).toEqual([1, 1]);
    await cached.delete("a");
    expect(await cached.get("a")).toBeNull();
    expect(await names()).toEqual(["b", "made"]);
    await cached.close();
  });
});
