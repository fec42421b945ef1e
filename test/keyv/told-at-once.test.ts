import { withCache } from "@kvplug/cache";
import type { KVNamespace } from "@kvplug/core/seam";
import { createKeyv, KeyvKV } from "@kvplug/keyv";
import { kvDriver } from "@kvplug/keyv/bentocache";
import { KeyvKV6 } from "@kvplug/keyv/v6";
import { Cacheable } from "cacheable";
import { Keyv as Keyv5 } from "keyv";
import { Keyv as Keyv6 } from "keyv6";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { collect } from "../support/collect.ts";
import { errorOf } from "../support/errors.ts";
import { openMiniflare } from "../support/miniflare.ts";
import { clear, listAll } from "../support/namespace.ts";
import { overlaid } from "../support/overlaid.ts";
import { startRest, useRest } from "../support/rest.ts";

const adapters = { KeyvKV, KeyvKV6 };

/** A `put` that fails for one value. */
const failingFor =
  (kv: KVNamespace, failing: string): KVNamespace["put"] =>
  async (key, value, options) => {
    if (value === failing) throw new Error("not set");
    await kv.put(key, value, options);
  };

const grounds: Record<string, () => Promise<{ kv: KVNamespace<any>; close(): Promise<void> }>> = {
  "the REST driver": () => startRest(),
  "a cache over the REST driver": async () => {
    const { kv, close } = await startRest();
    return { kv: withCache(kv, { max: 1000 }), close };
  },
  "Miniflare's env.KV": openMiniflare,
  "a cache over Miniflare's env.KV": async () => {
    const { kv, close } = await openMiniflare();
    return { kv: withCache(kv, { max: 1000 }), close };
  },
};

describe.each(Object.entries(grounds))("over %s", (_ground, openGround) => {
  let ground: Awaited<ReturnType<typeof openGround>>;
  beforeAll(async () => {
    ground = await openGround();
  });
  beforeEach(() => clear(ground.kv));
  afterAll(() => ground.close());

  describe.each(Object.entries(adapters))("%s", (_adapter, Adapter) => {
    const filled = async (...keys: string[]): Promise<KeyvKV | KeyvKV6> => {
      const store = new Adapter(ground.kv, { namespace: "n" });
      for (const key of keys) await store.set(key, "1");
      return store;
    };

    it("reads nothing of a key after its delete was called", async () => {
      const store = await filled("a");
      const deleting = store.delete("a");
      const reads = Promise.all([store.get("a"), store.getMany(["a"]), store.has("a"), store.ttl("a")]);
      expect(await reads).toEqual([undefined, [undefined], false, -2]);
      expect(await deleting).toBe(true);
      expect(await store.delete("a")).toBe(false);
    });

    it("reads nothing of many after their delete was called", async () => {
      const store = await filled("a", "b");
      const deleting = store.deleteMany(["a", "b", "none"]);
      expect(await store.getMany(["a", "b"])).toEqual([undefined, undefined]);
      expect(await deleting).toEqual(Adapter === KeyvKV ? true : [true, true, false]);
    });

    it("keeps what is set while a delete looks", async () => {
      const store = await filled("a");
      await Promise.all([store.delete("a"), store.set("a", "2"), store.delete("b"), store.set("b", "2")]);
      expect(await store.getMany(["a", "b"])).toEqual(["2", "2"]);
      expect(await listAll(ground.kv)).toHaveLength(2);
    });

    it("reads nothing of a namespace after its clear was called, but what was set since", async () => {
      const store = await filled("a", "b", "c");
      const other = new Adapter(ground.kv, { namespace: "other" });
      await other.set("a", "1");
      const clearing = store.clear();
      expect(await store.get("a")).toBeUndefined();
      await store.set("b", "2");
      expect(await store.getMany(["a", "b"])).toEqual([undefined, "2"]);
      expect([await store.has("a"), await store.has("b"), await store.ttl("a")]).toEqual([false, true, -2]);
      expect(await other.get("a")).toBe("1");
      await clearing;
      expect(await collect(store.iterator())).toEqual([["b", "2"]]);
      expect((await listAll(ground.kv)).map(({ name }) => name)).toEqual(["n::b", "other::a"]);
    });
  });
});

describe("the driver", () => {
  const rest = useRest();

  it("reads what was set after a delete that looks", async () => {
    const store = new KeyvKV(rest.kv);
    await store.set("a", "1");
    const calls = [store.delete("a"), store.set("a", "2"), store.delete("b"), store.set("b", "2")];
    expect([await rest.kv.get("a"), await rest.kv.get("b")]).toEqual(["2", "2"]);
    expect(await Promise.all(calls)).toEqual([true, true, false, true]);
    expect([await rest.kv.get("a"), await rest.kv.get("b")]).toEqual(["2", "2"]);
  });

  it("is told of a delete in the turn of its call", async () => {
    await rest.kv.put("a", "1", { metadata: {} });
    await rest.kv.put("b", "1", { metadata: {} });
    const store = new KeyvKV(rest.kv);
    const calls = [store.delete("a"), store.deleteMany(["b"])];
    expect(await rest.kv.get(["a", "b"])).toEqual(
      new Map([
        ["a", null],
        ["b", null],
      ]),
    );
    expect(await Promise.all(calls)).toEqual([true, true]);
  });

  it("is told of it through a cache", async () => {
    await rest.kv.put("a", "1", { metadata: {} });
    const deleting = new KeyvKV(withCache(rest.kv, { max: 10 })).delete("a");
    expect(await rest.kv.get("a")).toBeNull();
    expect(await deleting).toBe(true);
  });

  it("downloads no value to tell what a lone delete deleted", async () => {
    const store = new KeyvKV(rest.kv);
    await store.set("a", "v".repeat(100_000));
    const received = rest.kv.stats().bytesReceived;
    expect(await store.delete("a")).toBe(true);
    expect(rest.kv.stats().bytesReceived - received).toBeLessThan(1000);
  });

  it("looks once for those of one turn", async () => {
    const store = new KeyvKV(rest.kv);
    rest.server.requests.reset();
    await Promise.all(Array.from({ length: 100 }, (_, i) => store.delete(`key-${i}`)));
    expect(rest.server.requests.total).toBe(2);
  });

  it("looks for nothing that it is just writing", async () => {
    const store = new KeyvKV(rest.kv);
    const calls = [store.set("a", "1"), store.delete("a"), store.delete("a")];
    expect(await Promise.all(calls)).toEqual([true, true, false]);
    expect(rest.server.requests.total).toBe(1);
    expect(await listAll(rest.kv)).toEqual([]);
  });

  it("has a copy of a cache tell what was there", async () => {
    const kv = withCache(rest.kv, { max: 10 });
    const store = new KeyvKV(kv);
    await store.set("a", "1");
    rest.server.requests.reset();
    expect(await store.delete("a")).toBe(true);
    expect(rest.server.requests.total).toBe(1);
  });
});

describe("of removals that meet over a namespace that is told late", () => {
  const rest = useRest();
  /** Without the delete that the driver has itself. */
  const plain = (methods: Parameters<typeof overlaid>[1] = {}): KeyvKV => new KeyvKV(overlaid(rest.kv, methods));
  beforeEach(() => rest.kv.put("a", "1", { metadata: {} }));

  it("a take ends no delete that was called before it", async () => {
    const store = plain();
    expect(await Promise.all([store.delete("a"), store.take("a")])).toEqual([true, undefined]);
    expect(await listAll(rest.kv)).toEqual([]);
  });

  it("a take that finds nothing leaves nothing of a delete that was called after it", async () => {
    let find: (() => void) | undefined;
    const missing = { value: null, metadata: null, cacheStatus: null };
    // As KV's reads may be, a minute old.
    const getWithMetadata = (): Promise<unknown> => new Promise((resolve) => (find = () => resolve(missing)));
    const store = plain({ getWithMetadata });
    const both = [store.take("a"), store.delete("a")];
    find!();
    expect(await Promise.all(both)).toEqual([undefined, false]);
    expect(await listAll(rest.kv)).toEqual([]);
  });

  it("those of one key are one delete", async () => {
    const store = plain();
    rest.server.requests.reset();
    expect(await Promise.all([store.delete("a"), store.delete("a"), store.take("a")])).toEqual([
      true,
      false,
      undefined,
    ]);
    expect(rest.server.requests.total).toBe(2);
  });

  it("one takes away what was there before a set that fails", async () => {
    const store = plain({ put: () => Promise.reject(new Error("not set")) });
    const calls = [store.delete("a"), store.set("a", "2")];
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(await listAll(rest.kv)).toEqual([]);
  });

  it("one keeps what was set since, though a set fails that came later still", async () => {
    const store = plain({ put: failingFor(rest.kv, "3") });
    const calls = [store.delete("a"), store.set("a", "2"), store.set("a", "3")];
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
    ]);
    expect(await store.get("a")).toBe("2");
  });

  it("one keeps what was set while it waited for a set that fails", async () => {
    let fail: ((error: Error) => void) | undefined;
    const put: KVNamespace["put"] = (key, value, options) =>
      value === "2" ? new Promise((_, reject) => (fail = reject)) : rest.kv.put(key, value, options);
    const store = plain({ put });
    const calls = [store.delete("a"), store.set("a", "2")];
    // The delete has looked, and waits.
    await store.has("b");
    await new Promise((resolve) => setImmediate(resolve));
    await store.set("a", "3");
    fail!(new Error("not set"));
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(await store.get("a")).toBe("3");
  });

  it("what is set between two of them is deleted by the second", async () => {
    const store = plain();
    await Promise.all([store.delete("a"), store.set("a", "2"), store.delete("a")]);
    expect(await listAll(rest.kv)).toEqual([]);
    await Promise.all([store.delete("a"), store.set("a", "2"), store.delete("a"), store.set("a", "3")]);
    expect(await store.get("a")).toBe("3");
  });
});

describe("a delete whose look fails", () => {
  it("is done all the same, and tells of the look", async () => {
    const { kv, close } = await startRest({}, { retry: false });
    await kv.put("a", "1");
    const noLook = overlaid(kv, { getWithMetadata: () => Promise.reject(new Error("no look")) });
    const store = new KeyvKV(noLook);
    await expect(store.delete("a")).rejects.toThrow("no look");
    expect(await kv.get("a")).toBeNull();
    await kv.put("a", "1");
    const errors: unknown[] = [];
    store.on("error", (error) => errors.push(error));
    expect(await store.delete("a")).toBe(true);
    expect(errors).toHaveLength(1);
    expect(await kv.get("a")).toBeNull();
    await close();
  });

  it("that fails as well is one error", async () => {
    const { kv, server, close } = await startRest({}, { retry: false });
    await server.close();
    const store = new KeyvKV(kv);
    const errors: unknown[] = [];
    store.on("error", (error) => errors.push(error));
    expect((await errorOf(store.delete("a"))).code).toBe("KV_NETWORK");
    expect(errors).toEqual([]);
    await close();
  });
});

describe("a clear", () => {
  const rest = useRest();

  it("that fails leaves what was there to be read again", async () => {
    const store = new KeyvKV(overlaid(rest.kv, { list: () => Promise.reject(new Error("no list")) }), {
      namespace: "n",
    });
    await store.set("a", "1");
    const clearing = errorOf(store.clear());
    expect(await store.get("a")).toBeUndefined();
    expect((await clearing).message).toBe("no list");
    expect(await store.get("a")).toBe("1");
  });

  it("takes away what was there before a set that fails", async () => {
    await rest.kv.put("n::a", "1", { metadata: {} });
    let fail: ((error: Error) => void) | undefined;
    const put = (): Promise<void> => new Promise((_, reject) => (fail = reject));
    const store = new KeyvKV(overlaid(rest.kv, { put }), { namespace: "n" });
    const clearing = store.clear();
    await store.get("a");
    const setting = store.set("a", "2").catch(() => {});
    fail!(new Error("not set"));
    await Promise.all([clearing, setting]);
    expect(await rest.kv.get("n::a")).toBeNull();
  });
});

describe("what is set during a clear", () => {
  const rest = useRest();

  it("stays, though a set of it fails that came later", async () => {
    await rest.kv.put("n::a", "1", { metadata: {} });
    const store = new KeyvKV(overlaid(rest.kv, { put: failingFor(rest.kv, "3") }), { namespace: "n" });
    const clearing = store.clear();
    await store.get("a");
    const calls = [store.set("a", "2"), store.set("a", "3"), clearing];
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(await store.get("a")).toBe("2");
  });
});

describe("what stands above", () => {
  const rest = useRest();
  const keyvs: Record<string, () => Pick<Keyv6, "get" | "set" | "delete" | "clear">> = {
    "Keyv 5": () => new Keyv5({ store: new KeyvKV(rest.kv), namespace: "n" }) as any,
    "Keyv 6": () => new Keyv6({ store: new KeyvKV(rest.kv), namespace: "n" }),
    "Keyv 6 by deadlines": () => new Keyv6({ store: new KeyvKV6(rest.kv), namespace: "n" }),
  };

  it.each(Object.entries(keyvs))("reads nothing of a deleted key: %s", async (_name, open) => {
    const keyv = open();
    await keyv.set("a", 1);
    const deleting = keyv.delete("a");
    expect(await keyv.get("a")).toBeUndefined();
    expect(await deleting).toBe(true);
    await keyv.set("a", 1);
    const clearing = keyv.clear();
    expect(await keyv.get("a")).toBeUndefined();
    await clearing;
  });

  it("keeps no old value in cacheable's memory", async () => {
    const cache = new Cacheable({ secondary: createKeyv(rest.kv, { namespace: "c" }), nonBlocking: true });
    await cache.set("a", "old");
    await cache.delete("a");
    expect(await cache.get("a")).toBeUndefined();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await cache.get("a")).toBeUndefined();
  });

  it("pulls a value for one of those who pull it at once", async () => {
    const driver = kvDriver(rest.kv).factory({ prefix: "b" });
    await driver.set("a", "1");
    const both = [driver.pull("a"), driver.pull("a")];
    expect(await driver.get("a")).toBeUndefined();
    expect(await Promise.all(both)).toEqual(["1", undefined]);
    expect(await driver.get("a")).toBeUndefined();
  });
});
