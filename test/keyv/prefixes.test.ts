import { createStores } from "@kvplug/cache-manager";
import { kvStore } from "@kvplug/cache-manager/v5";
import { createKeyv, KeyvKV } from "@kvplug/keyv";
import { KeyvKV6 } from "@kvplug/keyv/v6";
import { createCache } from "cache-manager-7";
import { describe, expect, it } from "vitest";
import { collect } from "../support/collect.ts";
import { errorOf } from "../support/errors.ts";
import { listAll } from "../support/namespace.ts";
import { useRest } from "../support/rest.ts";

const rest = useRest();

/** Many keys, of which ten begin with `user:1:`. */
async function fill(namespace: string): Promise<void> {
  const store = new KeyvKV(rest.kv, { namespace });
  const keys = [...Array.from({ length: 3_000 }, (_, i) => `user:2:${i}`), ...tens];
  await store.setMany(keys.map((key) => ({ key, value: "1" })));
  rest.server.requests.reset();
}

const tens = Array.from({ length: 10 }, (_, i) => `user:1:${i}`);
const left = async (namespace: string): Promise<number> =>
  (await collect(new KeyvKV(rest.kv, { namespace }).keys())).length;

describe.each(Object.entries({ KeyvKV, KeyvKV6 }))("%s", (_name, Adapter) => {
  it("lists and deletes by a prefix, for the requests of that alone", async () => {
    await fill("n");
    const store = new Adapter(rest.kv, { namespace: "n" });
    expect(await collect(store.keys("user:1:"))).toEqual(tens);
    expect(rest.server.requests.total).toBe(1);
    await store.deleteByPrefix("user:1:");
    expect(rest.server.requests.total).toBe(3);
    expect([await collect(store.keys("user:1:")), await left("n")]).toEqual([[], 3_000]);
  });

  it("reads nothing of what begins with a prefix after that was deleted, but what was set since", async () => {
    const store = new Adapter(rest.kv, { namespace: "n" });
    for (const key of ["a:1", "a:2", "b"]) await store.set(key, "1");
    const deleting = store.deleteByPrefix("a:");
    expect(await store.getMany(["a:1", "b"])).toEqual([undefined, "1"]);
    await store.set("a:2", "2");
    await deleting;
    expect((await listAll(rest.kv)).map(({ name }) => name)).toEqual(["n::a:2", "n::b"]);
  });

  it.each([undefined, null, "", 5])("deletes nothing by a prefix that is %j", async (prefix: any) => {
    const store = new Adapter(rest.kv, { namespace: "n" });
    await store.set("a", "1");
    const error = await errorOf(store.deleteByPrefix(prefix));
    expect([error.code, error.message]).toEqual(["KV_INVALID", expect.stringContaining("clear()")]);
    expect(await store.get("a")).toBe("1");
  });
});

describe("by a prefix", () => {
  it("a Keyv of createKeyv lists and deletes", async () => {
    const keyv = createKeyv(rest.kv, { namespace: "n" });
    for (const key of [...tens, "user:2"]) await keyv.set(key, 1);
    expect(await collect(keyv.keys("user:1:"))).toEqual(tens);
    await keyv.deleteByPrefix("user:1:");
    expect(await collect(keyv.keys())).toEqual(["user:2"]);
  });

  it("the store of cache-manager 6 and 7 lists and deletes, its copies too", async () => {
    const [store] = createStores(rest.kv, { namespace: "n", lru: { max: 100 } });
    const cache = createCache({ stores: [store] });
    await cache.mset([...tens, "user:2"].map((key) => ({ key, value: 1 })));
    expect(await collect(store.keys("user:1:"))).toEqual(tens);
    await store.deleteByPrefix("user:1:");
    expect(await cache.mget(["user:1:0", "user:2"])).toEqual([undefined, 1]);
  });

  it("the store of cache-manager 5 lists and deletes", async () => {
    await fill("n");
    const store = kvStore(rest.kv, { namespace: "n" });
    expect(await store.keys("user:1:*")).toEqual(tens);
    expect(rest.server.requests.total).toBe(1);
    expect(await store.keys("user:1:?")).toEqual(tens);
    expect(await store.keys("user:1:*5")).toEqual(["user:1:5"]);
    expect(rest.server.requests.total).toBe(3);
    expect([await store.keys("user:1:5"), await store.keys("user:")]).toEqual([["user:1:5"], []]);
    // One name is looked for, and none are listed.
    expect(rest.server.requests.total).toBe(5);
    await store.deleteByPrefix("user:1:");
    expect(await left("n")).toBe(3_000);
  });

  it("of which parts are wild characters, all that match is found", async () => {
    const store = kvStore(rest.kv);
    await store.mset(["🦊a", "🦊b", "🐻a"].map((key) => [key, 1]));
    expect(await store.keys("🦊*")).toEqual(["🦊a", "🦊b"]);
    expect(await store.keys("?a")).toEqual(["🐻a", "🦊a"]);
  });
});
