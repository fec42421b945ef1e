import { withCache } from "@kvplug/cache";
import type { KVClientOptions } from "@kvplug/core";
import type { KVNamespace } from "@kvplug/core/seam";
import { createKeyv, KeyvKV, type KeyvKVOptions } from "@kvplug/keyv";
import { kvDriver } from "@kvplug/keyv/bentocache";
import { KeyvKV6 } from "@kvplug/keyv/v6";
import type { RunningServer, ServerOptions } from "@kvplug/server";
import { Keyv as Keyv5 } from "keyv";
import { Keyv as Keyv6 } from "keyv6";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { useStandingClock, useVirtualTime } from "../support/clock.ts";
import { collect } from "../support/collect.ts";
import { errorOf } from "../support/errors.ts";
import { openMiniflare } from "../support/miniflare.ts";
import { clear, listAll } from "../support/namespace.ts";
import { accountOf, startRest, useRest } from "../support/rest.ts";
import { testCosts } from "./costs.ts";

/** What a program does with a Keyv, whichever it is. */
interface AnyKeyv {
  get(key: string): Promise<unknown>;
  getMany(keys: string[]): Promise<unknown[]>;
  set(key: string, value: unknown, ttl?: number): Promise<boolean>;
  setMany(entries: { key: string; value: unknown; ttl?: number }[]): Promise<unknown>;
  delete(key: string): Promise<boolean>;
  deleteMany(keys: string[]): Promise<unknown>;
  has(key: string): Promise<boolean>;
  hasMany(keys: string[]): Promise<boolean[]>;
  clear(): Promise<void>;
  disconnect(): Promise<unknown>;
  on(event: "error", listener: (error: any) => void): unknown;
}

type Open = (kv: KVNamespace<any>, namespace?: string) => AnyKeyv;

/** The options of a driver that the adapter opens. */
const ownDriver = (server: RunningServer): KeyvKVOptions => ({
  ...accountOf(server),
  namespaceId: server.namespaces[0]!.id,
});

const named = (namespace?: string): object => (namespace === undefined ? {} : { namespace });

const keyvs: Record<string, Open> = {
  "Keyv 5": (kv, namespace) => new Keyv5({ store: new KeyvKV(kv), ...named(namespace) }) as AnyKeyv,
  "Keyv 6": (kv, namespace) => new Keyv6({ store: new KeyvKV(kv), ...named(namespace) }) as AnyKeyv,
  "Keyv 6 by deadlines": (kv, namespace) => new Keyv6({ store: new KeyvKV6(kv), ...named(namespace) }) as AnyKeyv,
};

const grounds: Record<string, () => Promise<{ kv: KVNamespace<any>; close(): Promise<void> }>> = {
  "the REST driver": () => startRest(),
  "a cache over the REST driver": async () => {
    const { kv, close } = await startRest();
    return { kv: withCache(kv, { max: 1000, deadline: Infinity }), close };
  },
  "Miniflare's env.KV": openMiniflare,
};

describe.each(Object.entries(grounds))("over %s", (_ground, openGround) => {
  let ground: Awaited<ReturnType<typeof openGround>>;
  beforeAll(async () => {
    ground = await openGround();
  });
  beforeEach(() => clear(ground.kv));
  afterAll(() => ground.close());

  describe.each(Object.entries(keyvs))("%s", (_keyv, open) => {
    it("reads what it wrote", async () => {
      const keyv = open(ground.kv);
      expect(await keyv.set("a", { plan: "free", none: null })).toBe(true);
      expect(await keyv.get("a")).toEqual({ plan: "free", none: null });
      expect(await keyv.get("b")).toBeUndefined();
    });

    it("works on many at once, in order", async () => {
      const keyv = open(ground.kv, "many");
      await keyv.setMany([
        { key: "a", value: 1 },
        { key: "b", value: 2, ttl: 60_000 },
      ]);
      expect(await keyv.getMany(["b", "none", "a"])).toEqual([2, undefined, 1]);
      expect(await keyv.hasMany(["b", "none", "a"])).toEqual([true, false, true]);
      await keyv.deleteMany(["a", "b"]);
      expect(await keyv.getMany(["x", "a"])).toEqual([undefined, undefined]);
    });

    it("tells of a deleted key whether it was there", async () => {
      const keyv = open(ground.kv);
      await keyv.set("a", 1);
      expect(await keyv.has("a")).toBe(true);
      expect(await keyv.delete("a")).toBe(true);
      expect(await keyv.has("a")).toBe(false);
      expect(await keyv.delete("a")).toBe(false);
    });

    it("keeps two namespaces apart of which one begins with the other", async () => {
      const users = open(ground.kv, "users");
      const archive = open(ground.kv, "users:archive");
      await users.set("ada", 1);
      await users.set("archive:ada", 2);
      await archive.set("ada", 3);
      expect(await Promise.all([users.get("ada"), users.get("archive:ada"), archive.get("ada")])).toEqual([1, 2, 3]);
      await users.clear();
      expect(await Promise.all([users.get("ada"), users.get("archive:ada"), archive.get("ada")])).toEqual([
        undefined,
        undefined,
        3,
      ]);
    });

    it("takes no key for a prefixed one", async () => {
      const keyv = open(ground.kv, "ns");
      await keyv.set("a", 1);
      await keyv.set("ns::a", 2);
      expect([await keyv.get("a"), await keyv.get("ns::a")]).toEqual([1, 2]);
    });

    it("lets a ttl of 0 and of undefined be none", async () => {
      const keyv = open(ground.kv);
      await keyv.set("zero", 1, 0);
      await keyv.set("none", 1, undefined);
      expect((await listAll(ground.kv)).map(({ expiration }) => expiration)).toEqual([undefined, undefined]);
    });
  });
});

describe("TTLs", () => {
  const rest = useRest({ now: () => Date.now() });
  const advance = useStandingClock();

  it.each(Object.entries(keyvs))("hold to the millisecond under %s, and KV reclaims the key", async (_name, open) => {
    const keyv = open(rest.kv);
    await keyv.set("a", 1, 5_000);
    const [listed] = await listAll(rest.kv);
    expect(listed!.expiration! - Math.floor(Date.now() / 1000)).toBe(60);
    advance(4_999);
    expect([await keyv.get("a"), await keyv.has("a")]).toEqual([1, true]);
    advance(1);
    expect([await keyv.get("a"), await keyv.has("a")]).toEqual([undefined, false]);
  });

  it("that are over already take the key away", async () => {
    const keyv = new Keyv5({ store: new KeyvKV(rest.kv) });
    await keyv.set("a", 1);
    await keyv.set("a", 2, -5);
    expect(await keyv.get("a")).toBeUndefined();
    expect(await listAll(rest.kv)).toEqual([]);
  });

  it("delete nothing where they are over", async () => {
    const store = new KeyvKV(rest.kv);
    await store.set("a", "1", 5_000);
    advance(5_000);
    rest.server.requests.reset();
    expect([await store.get("a"), await store.getMany(["a"]), await store.has("a")]).toEqual([
      undefined,
      [undefined],
      false,
    ]);
    expect(await collect(store.iterator())).toEqual([]);
    expect(await listAll(rest.kv)).toHaveLength(1);
  });
});

describe("requests", () => {
  const rest = useRest();
  testCosts(1_500, rest);

  it("of a lone has download no value, and those of one tick go together", async () => {
    const store = new KeyvKV(rest.kv);
    await store.set("a", "v".repeat(100_000));
    rest.server.requests.reset();
    const received = rest.kv.stats().bytesReceived;
    expect(await store.has("a")).toBe(true);
    expect(rest.server.requests.total).toBe(1);
    expect(rest.kv.stats().bytesReceived - received).toBeLessThan(1000);
    rest.server.requests.reset();
    expect(await store.has("none")).toBe(false);
    expect(rest.server.requests.total).toBe(1);
    rest.server.requests.reset();
    await Promise.all(Array.from({ length: 100 }, (_, i) => store.delete(`key-${i}`)));
    expect(rest.server.requests.total).toBe(2);
  });
});

describe("createKeyv", () => {
  const rest = useRest();

  it("gives a Keyv of one prefix that iterates", async () => {
    const keyv = createKeyv(rest.kv, { namespace: "users" });
    await keyv.set("ada", 1);
    await keyv.set("a:b", 2);
    expect((await listAll(rest.kv)).map(({ name }) => name)).toEqual(["users::a:b", "users::ada"]);
    expect(await collect(keyv.iterator!(undefined) as AsyncIterable<unknown>)).toEqual([
      ["a:b", 2],
      ["ada", 1],
    ]);
  });

  it("opens a driver of its own and closes it", async () => {
    const keyv = createKeyv(ownDriver(rest.server));
    await keyv.set("a", 1);
    expect((await listAll(rest.kv)).map(({ name }) => name)).toEqual(["a"]);
    await keyv.disconnect();
    await expect(keyv.opts.store.set("a", "1")).rejects.toMatchObject({ code: "KV_CLOSED" });
  });
});

describe("calls that are not waited for", () => {
  const rest = useRest();

  it.each(Object.entries(keyvs))("%s keeps what is set after a delete", async (_name, open) => {
    const keyv = open(rest.kv);
    await keyv.setMany([
      { key: "a", value: 1 },
      { key: "b", value: 1 },
    ]);
    await Promise.all([keyv.delete("a"), keyv.deleteMany(["b"]), keyv.set("a", 2), keyv.set("b", 2)]);
    expect(await keyv.getMany(["a", "b"])).toEqual([2, 2]);
    expect(await listAll(rest.kv)).toHaveLength(2);
  });

  it("deletes what was set before", async () => {
    const store = new KeyvKV(rest.kv);
    await Promise.all([store.set("a", "1"), store.delete("a"), store.delete("a")]);
    expect(await listAll(rest.kv)).toEqual([]);
    await Promise.all([store.delete("a"), store.set("a", "2"), store.delete("a")]);
    expect(await listAll(rest.kv)).toEqual([]);
  });

  it.each(Object.entries(keyvs))("are done before %s is cleared", async (_name, open) => {
    const keyv = open(rest.kv);
    await Promise.all([keyv.set("a", 1), keyv.setMany([{ key: "b", value: 2 }]), keyv.clear()]);
    expect(await listAll(rest.kv)).toEqual([]);
  });

  it("stand alone: a key that cannot be spoils no other delete", async () => {
    const store = new KeyvKV(rest.kv, { hashLongKeys: false });
    await store.setMany(["a", "b", "c"].map((key) => ({ key, value: "1" })));
    const long = "k".repeat(513);
    const refused = errorOf(store.delete(long));
    const many = errorOf(store.deleteMany(["b", long]));
    expect(await store.delete("a")).toBe(true);
    expect([(await refused).code, (await many).code]).toEqual(["KV_LIMIT", "KV_BULK"]);
    expect((await listAll(rest.kv)).map(({ name }) => name)).toEqual(["c"]);
  });

  it("are done when a namespace that stays open is disconnected", async () => {
    const keyv = createKeyv(rest.kv);
    const set = keyv.set("a", 1);
    await keyv.disconnect();
    expect(await rest.server.kv("test").get("a")).not.toBeNull();
    await set;
  });

  it("are done before a driver of its own is closed", async () => {
    const keyv = createKeyv(ownDriver(rest.server));
    await keyv.set("gone", 1);
    const calls = Promise.all([keyv.set("a", 1), keyv.delete("gone"), keyv.setMany([{ key: "b", value: 2 }])]);
    await keyv.disconnect();
    expect(await calls).toEqual([true, true, [true]]);
    expect((await listAll(rest.kv)).map(({ name }) => name)).toEqual(["a", "b"]);
    await keyv.disconnect();
  });
});

describe("the adapter's own namespace", () => {
  const rest = useRest();
  const open = {
    "Keyv 5": (options: { store: KeyvKV; namespace?: string }) =>
      new Keyv5(options) as AnyKeyv & Pick<Keyv5, "iterator">,
    "Keyv 6": (options: { store: KeyvKV; namespace?: string }) =>
      new Keyv6(options) as AnyKeyv & Pick<Keyv5, "iterator">,
  };
  const namespaces = async (): Promise<unknown[]> => (await listAll(rest.kv)).map(({ name }) => name.split("::")[0]);

  it.each(Object.entries(open))("holds beneath a %s without one", async (_name, openKeyv) => {
    const users = openKeyv({ store: new KeyvKV(rest.kv, { namespace: "users" }) });
    const posts = openKeyv({ store: new KeyvKV(rest.kv, { namespace: "posts" }) });
    await users.set("a", 1);
    await posts.set("a", 2);
    expect([await users.get("a"), await posts.get("a")]).toEqual([1, 2]);
    expect(await collect(users.iterator!(undefined) as AsyncIterable<unknown>)).toEqual([["a", 1]]);
    await posts.clear();
    expect(await namespaces()).toEqual(["users"]);
  });

  it.each(Object.entries(open))("gives way to that of a %s", async (_name, openKeyv) => {
    await openKeyv({ store: new KeyvKV(rest.kv, { namespace: "own" }), namespace: "its" }).set("a", 1);
    expect(await namespaces()).toEqual(["its"]);
  });
});

describe("with the server down", () => {
  it("a read rejects where nobody listens", async () => {
    const { kv, server, close } = await startRest({}, { retry: false });
    await server.close();
    await expect(new KeyvKV(kv).get("a")).rejects.toMatchObject({ code: "KV_NETWORK" });
    await close();
  });

  it("iterating rejects, whether somebody listens or not", async () => {
    const { kv, server, close } = await startRest({}, { retry: false });
    await server.close();
    const store = new KeyvKV(kv, { namespace: "n" });
    const calls = [() => collect(store.iterator()), () => collect(store.keys()), () => store.ttl("a")];
    for (const call of calls) expect((await errorOf(call())).code).toBe("KV_NETWORK");
    store.on("error", () => {});
    for (const call of calls) expect((await errorOf(call())).code).toBe("KV_NETWORK");
    await close();
  });

  it.each(Object.entries(keyvs))("%s answers misses and tells one error for each failure", async (_keyv, open) => {
    const { kv, server, close } = await startRest({}, { retry: false });
    await server.close();
    const keyv = open(kv);
    const errors: unknown[] = [];
    keyv.on("error", (error) => errors.push(error));
    expect(await keyv.get("a")).toBeUndefined();
    expect(errors).toHaveLength(1);
    expect(await keyv.getMany(["a", "b"])).toEqual([undefined, undefined]);
    expect(errors).toHaveLength(2);
    expect(await keyv.has("a")).toBe(false);
    expect(errors).toHaveLength(3);
    expect(await keyv.set("a", 1)).toBe(false);
    expect(errors).toHaveLength(4);
    expect(await keyv.delete("a")).toBe(false);
    expect(errors).toHaveLength(5);
    expect(errors.map((error) => (error as { code?: string }).code)).toEqual(Array(5).fill("KV_NETWORK"));
    await close();
  });
});

describe.each(Object.entries(keyvs))("%s loses nothing and hangs nowhere", (_keyv, open) => {
  const time = useVirtualTime();
  const keys = Array.from({ length: 300 }, (_, i) => `key-${i}`);
  const fill = async (keyv: AnyKeyv): Promise<unknown[]> => {
    const errors: unknown[] = [];
    keyv.on("error", (error) => errors.push(error));
    for (const half of [keys.slice(0, 150), keys.slice(150)]) {
      await keyv.setMany(half.map((key) => ({ key, value: key })));
    }
    await Promise.all(keys.map((key, i) => keyv.set(key, i)));
    expect(await keyv.getMany(keys)).toEqual(keys.map((_, i) => i));
    expect(await keyv.hasMany(keys)).toEqual(keys.map(() => true));
    await keyv.deleteMany(keys.slice(0, 200));
    await keyv.delete("key-200");
    expect(await keyv.getMany(keys.slice(199, 202))).toEqual([undefined, undefined, 201]);
    await keyv.clear();
    return errors;
  };

  it.each<[string, ServerOptions, KVClientOptions]>([
    ["on a server that fails", { seed: 7, faults: { errors: 0.1, drops: 0.1, html: 0.1 } }, { retry: { minDelay: 1 } }],
    [
      "within a request budget",
      { rateLimit: { requests: 3, window: 200 } },
      { rateLimit: { requests: 3, window: 200 } },
    ],
    ["with a limit on the writes of a key", { writeLimit: { interval: 100, burst: 1 } }, { writeInterval: 100 }],
  ])("%s", async (_, serverOptions, clientOptions) => {
    const { kv, close } = await startRest({ now: () => Date.now(), ...serverOptions }, clientOptions);
    try {
      expect(await time.until(fill(open(kv, "n")))).toEqual([]);
      expect(await time.until(listAll(kv))).toEqual([]);
    } finally {
      await close();
    }
  });
});

describe("Keyv 6 by deadlines", () => {
  const rest = useRest();

  it("is told of each key which of many is written, and one error of those that are not", async () => {
    const keyv = new Keyv6({ store: new KeyvKV6(rest.kv, { hashLongKeys: false }) });
    const errors: unknown[] = [];
    keyv.on("error", (error: unknown) => errors.push(error));
    const written = await keyv.setMany([
      { key: "a", value: 1 },
      { key: "k".repeat(513), value: 2 },
      { key: "b", value: 3 },
    ]);
    expect(written).toEqual([true, false, true]);
    expect(errors).toMatchObject([{ code: "KV_BULK", keys: ["k".repeat(513)] }]);
    expect(await keyv.deleteMany(["b", "none"])).toEqual([true, false]);
    expect(rest.server.requests.total).toBe(3);
  });

  it("rejects where nobody listens", async () => {
    const store = new KeyvKV6(rest.kv);
    await expect(store.setMany([{ key: "a", value: 1 }])).rejects.toThrow(/The value of "a" must be a string/);
    await expect(store.set("a", "1", Number.NaN)).rejects.toThrow(/The expires of "a" must be milliseconds since 1970/);
  });

  it("takes away what is over already", async () => {
    const store = new KeyvKV6(rest.kv);
    await store.set("a", "1");
    await store.set("a", "2", Date.now() - 1);
    expect(await listAll(rest.kv)).toEqual([]);
  });
});

describe("bad input", () => {
  const rest = useRest();

  it("is told by the option's name", () => {
    expect(() => new KeyvKV(rest.kv, { namespace: "a::b" })).toThrow(/"a::b" overlaps the separator "::"/);
    expect(() => new KeyvKV(rest.kv, { namespace: "a:" })).toThrow(/overlaps the separator/);
    expect(() => new KeyvKV(rest.kv, { keyPrefixSeparator: "" })).toThrow(
      /keyPrefixSeparator must be a non-empty string/,
    );
    expect(() => new KeyvKV(rest.kv, { clearBatchSize: 0 })).toThrow(/clearBatchSize .* 1 to 10000, not 0/);
    expect(() => new KeyvKV({ kv: rest.kv, apiToken: "x" })).toThrow(/no option "apiToken"/);
    expect(() => new KeyvKV(rest.kv, { ttl: 5 } as any)).toThrow(
      /over a namespace has no option "ttl". It has: namespace/,
    );
    expect(() => new KeyvKV({ namespaze: "a" } as any)).toThrow(
      /KeyvKV has no option "namespaze". It has: namespace, /,
    );
    expect(() => new KeyvKV(rest.kv, { hashLongKeys: 1 as any })).toThrow("hashLongKeys must be true or false, not 1");
    expect(() => new KeyvKV(rest.kv, { layer: {} as any })).toThrow(/layer must be a function/);
  });

  it.each([
    ["a url", "redis://user:secret@localhost"],
    ["null", null],
    ["a Map", new Map()],
    ["a kv that is none", { kv: {} }],
    ["a kv that is null", { kv: null }],
  ])("in place of a namespace never falls back to the environment: %s", (_, given) => {
    const refused = expect.objectContaining({ code: "KV_INVALID", message: expect.stringContaining("createKV()") });
    expect(() => new KeyvKV(given as any)).toThrow(refused);
    expect(() => kvDriver(given as any)).toThrow(refused);
    expect(() => new KeyvKV(given as any)).not.toThrow("secret");
  });

  it("is told by the key", async () => {
    const store = new KeyvKV(rest.kv, { namespace: "n", hashLongKeys: false });
    await expect(store.set("a", 5 as any)).rejects.toThrow(/The value of "a" must be a string, not a number\./);
    await expect(store.set("a", "1", Number.NaN)).rejects.toThrow(/The ttl of "a" must be a number of milliseconds/);
    await expect(store.set("k".repeat(510), "1")).rejects.toMatchObject({ code: "KV_LIMIT", actual: 513 });
    await expect(
      store.setMany([
        { key: "b", value: "1" },
        { key: "k".repeat(510), value: "1" },
      ]),
    ).rejects.toThrow(/1 of 2 keys failed/);
    expect(await store.get("b")).toBe("1");
    expect(rest.server.requests.total).toBe(2);
    // Those that are asked for in the same tick are not drawn into it.
    const [there, refused] = await Promise.allSettled([store.has("b"), store.has("k".repeat(510))]);
    expect(there).toEqual({ status: "fulfilled", value: true });
    expect(refused).toMatchObject({ reason: { code: "KV_LIMIT", actual: 513 } });
  });

  it("of credentials is told at the first use", async () => {
    await expect(new KeyvKV({ accountId: "a".repeat(32), apiToken: "t" }).get("a")).rejects.toMatchObject({
      code: "KV_CONFIG",
    });
  });
});

describe("a user of @keyv/cloudflare-kv", () => {
  const rest = useRest();

  it("passes the same options", async () => {
    const { baseURL: url, ...credentials } = ownDriver(rest.server);
    const byRest = new Keyv6({ store: new KeyvKV({ ...credentials, url: url!, mode: "rest", namespace: "users" }) });
    const byBinding = createKeyv({ kvNamespace: rest.kv, mode: "bind", namespace: "users" });
    await byRest.set("a", 1);
    expect(await byBinding.get("a")).toBe(1);
    await byRest.disconnect();
  });

  it("reads what was written by it, with its separator", async () => {
    await rest.kv.put("users:a", '{"value":1}', { metadata: { e: Date.now() + 90_000 } });
    const keyv = new Keyv6({ store: new KeyvKV(rest.kv, { namespace: "users", keyPrefixSeparator: ":" }) });
    expect([await keyv.get("a"), await keyv.has("a")]).toEqual([1, true]);
  });

  it("is told of a mode that does not go with the rest", () => {
    expect(() => new KeyvKV({ mode: "bind" })).toThrow(/mode "bind" needs kvNamespace/);
    expect(() => new KeyvKV({ mode: "rest", kvNamespace: rest.kv })).toThrow(/mode "rest" uses no namespace/);
    expect(() => new KeyvKV({ mode: "http" as any })).toThrow(/mode must be "bind" or "rest"/);
  });
});
