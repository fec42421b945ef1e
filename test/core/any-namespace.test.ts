import { withCache } from "@kvplug/cache";
import { openNamespace } from "@kvplug/core";
import {
  adapterOptions,
  clearPrefix,
  expirationTtlOf,
  forEachKey,
  getEntries,
  listPages,
  type KVListKey,
  type KVNamespace,
} from "@kvplug/core/seam";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { collect } from "../support/collect.ts";
import { errorOf } from "../support/errors.ts";
import { openMiniflare } from "../support/miniflare.ts";
import { clear, listAll } from "../support/namespace.ts";
import { startRest, useRest } from "../support/rest.ts";
import { UNUSUAL_KEYS } from "../support/unusual.ts";

const grounds: Record<string, () => Promise<{ kv: KVNamespace<any>; close(): Promise<void> }>> = {
  "the REST driver": () => startRest(),
  "a cache over the REST driver": async () => {
    const { kv, close } = await startRest();
    return { kv: withCache(kv, { max: 10_000, deadline: Infinity }), close };
  },
  "Miniflare's env.KV": openMiniflare,
};

const numbered = (count: number, prefix = "key-"): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(5, "0")}`);

describe.each(Object.entries(grounds))("over %s", (_name, openGround) => {
  let ground: Awaited<ReturnType<typeof openGround>>;
  let kv: KVNamespace<any>;
  beforeAll(async () => {
    ground = await openGround();
    ({ kv } = ground);
  });
  beforeEach(() => clear(kv));
  afterAll(() => ground.close());

  const fill = (keys: readonly string[]): Promise<void> => forEachKey(keys, (key) => kv.put(key, `value of ${key}`));
  const names = async (): Promise<string[]> => (await listAll(kv)).map(({ name }) => name);

  it("getEntries tells value and metadata of more keys than a call takes", async () => {
    const keys = numbered(250);
    await forEachKey(keys, (key, i) => kv.put(key, key, i % 2 === 0 ? { metadata: { i } } : {}));
    const entries = await getEntries<{ i: number }>(kv, [...keys, "none"]);
    expect(entries.map((entry) => entry?.value)).toEqual([...keys, undefined]);
    expect(entries.at(-1)).toBeNull();
    expect([entries[248]?.metadata, entries[249]?.metadata]).toEqual([{ i: 248 }, null]);
    expect(await getEntries(kv, [])).toEqual([]);
  });

  it("getEntries answers each key where it was asked for, however often, and whatever it is named", async () => {
    // What a plain object has already, and what it cannot hold; an empty value is one.
    const stored = [...new Set([...UNUSUAL_KEYS, "0", "7", "007", "4294967295", "1e3", "-1"])];
    const missing = ["5", "__proto__.", "hasOwnProperty", "valueOf"].filter((key) => !stored.includes(key));
    await forEachKey(stored, (key, i) => kv.put(key, i === 0 ? "" : `value of ${key}`));
    const asked = fc.array(fc.constantFrom(...stored, ...missing), { maxLength: 150 });
    await fc.assert(
      fc.asyncProperty(asked, async (keys) => {
        const entries = await getEntries(kv, keys);
        expect(entries.map((entry) => entry && entry.value)).toEqual(
          keys.map((key) => (missing.includes(key) ? null : key === stored[0] ? "" : `value of ${key}`)),
        );
      }),
      { numRuns: 25 },
    );
  });

  it("getEntries reads more bytes than one answer may hold", async () => {
    const keys = numbered(27);
    const value = "v".repeat(1024 * 1024);
    await forEachKey(keys, (key) => kv.put(key, value));
    const entries = await getEntries(kv, [...keys, "none"]);
    expect(entries.map((entry) => entry?.value?.length)).toEqual([...keys.map(() => value.length), undefined]);
  });

  it("clearPrefix deletes what begins with the prefix, and nothing else", async () => {
    await fill([...numbered(30, "user:"), "user", "users:1", "usez"]);
    await clearPrefix(kv, "user:");
    expect(await names()).toEqual(["user", "users:1", "usez"]);
    await clearPrefix(kv, "none");
    expect(await names()).toHaveLength(3);
    await clearPrefix(kv, "");
    expect(await names()).toEqual([]);
  });

  // Miniflare writes a hundred keys a second, or fewer.
  it("listPages hands out every name once, in order, a page at a time", { timeout: 60_000 }, async () => {
    await fill([...numbered(1_001), "kez", "ke"]);
    const pages = await collect(listPages(kv, "key-"));
    expect(pages.map((page) => page.length)).toEqual([1_000, 1]);
    expect(pages.flat().map(({ name }) => name)).toEqual(numbered(1_001));
    expect((await collect(listPages(kv))).flat()).toHaveLength(1_003);
    expect(await collect(listPages(kv, "none"))).toEqual([]);
  });
});

describe("requests", () => {
  const rest = useRest();

  it("are one for each hundred distinct keys", async () => {
    const keys = numbered(1_000);
    await getEntries(rest.kv, [...keys, ...keys]);
    expect(rest.server.requests.total).toBe(10);
  });

  it("are asked for a page only when the last one is done with", async () => {
    await forEachKey(numbered(1_001), (key) => rest.kv.put(key, "v"));
    rest.server.requests.reset();
    const pages: AsyncGenerator<KVListKey[]> = listPages(rest.kv);
    await pages.next();
    expect(rest.server.requests.total).toBe(1);
    await pages.return(undefined);
    expect(rest.server.requests.total).toBe(1);
  });
});

describe("clearPrefix", () => {
  const rest = useRest();

  it.each([
    ["by the driver's own clear", (kv: KVNamespace<any>) => kv],
    ["over a cache, which has none", (kv: KVNamespace<any>) => withCache(kv, { max: 10 })],
  ])("deletes 10,000 a request %s", async (_, layer) => {
    await forEachKey(numbered(10_500), (key) => rest.kv.put(key, "v"));
    rest.server.requests.reset();
    await clearPrefix(layer(rest.kv), "key-");
    expect(await listAll(rest.server.kv("test"))).toEqual([]);
    // Pages of names, and two bulk deletes.
    expect(rest.server.requests.total).toBe(11 + 2);
  });
});

describe("forEachKey", () => {
  const rest = useRest();

  it("does all others where some fail, and names those in the order in which they were given", async () => {
    const long = ["a", "b"].map((letter) => letter.repeat(513));
    // The first of them fails last.
    const error = await errorOf(
      forEachKey([long[0]!, "good", long[1]!], async (key, i) => {
        if (i === 0) await rest.kv.get("good");
        await rest.kv.put(key, "v");
      }),
    );
    expect(error).toMatchObject({ code: "KV_BULK", keys: long, cause: { code: "KV_LIMIT" } });
    expect(error.message).toMatch(/^2 of 3 keys failed\. The first failure: A key may hold 512 bytes/);
    expect(await rest.kv.get("good")).toBe("v");
  });

  it("throws the failure of a lone key as it is, and does nothing for none", async () => {
    expect(await errorOf(forEachKey([""], (key) => rest.kv.delete(key)))).toMatchObject({ code: "KV_LIMIT" });
    await forEachKey([], () => Promise.reject(new Error("never called")));
  });
});

describe("expirationTtlOf", () => {
  it.each([
    [-5, 60],
    [0, 60],
    [59_999, 60],
    [60_000, 60],
    [60_001, 61],
    [86_400_000, 86_400],
    // A Worker's binding takes 32 bits of seconds.
    [1e15, 2 ** 31 - 1],
    [Number.MAX_VALUE, 2 ** 31 - 1],
  ])("makes of %d ms %d s", (ttl, seconds) => expect(expirationTtlOf(ttl)).toBe(seconds));
});

describe("what an adapter is given", () => {
  const rest = useRest();

  it("is a namespace and options, or options alone", () => {
    const options: { kv?: KVNamespace<any>; prefix?: string } = { prefix: "p" };
    expect(adapterOptions("An adapter", rest.kv as KVNamespace, options)).toEqual({ kv: rest.kv, prefix: "p" });
    expect(adapterOptions("An adapter", { kv: rest.kv, ...options }, {})).toEqual({ kv: rest.kv, prefix: "p" });
  });

  it.each([["text"], [null], [{ kv: {} }], [{ kv: null }], [new Map()]])("is refused where it is %o", (given) => {
    expect(() => adapterOptions("An adapter", given as object, {})).toThrow(
      /An adapter .* a KVNamespace, such as createKV\(\)/,
    );
  });

  it("stays open where the caller opened it", async () => {
    const { kv, close } = openNamespace(rest.kv);
    await close();
    expect(await kv.get("a")).toBeNull();
  });

  it("is refused by the adapter's name where an option does not exist", () => {
    expect(() => openNamespace({ namespace: "n" } as object, { name: "An adapter", options: ["prefix"] })).toThrow(
      /^An adapter has no option "namespace"\. It has: prefix, namespaceId, accountId, /,
    );
  });
});
