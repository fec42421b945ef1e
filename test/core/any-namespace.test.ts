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
import { describe, expect, it } from "vitest";
import { errorOf } from "../support/errors.ts";
import { listAll } from "../support/namespace.ts";
import { useRest } from "../support/rest.ts";
import { GROUND_NAMES, GROUNDS, type GroundName } from "./grounds.ts";
import { describeHelpers, numbered, type Amounts } from "./helpers-suite.ts";

// Miniflare writes a hundred keys a second, or fewer.
const AMOUNTS: Record<GroundName, Amounts> = {
  "the REST driver": { names: 1_001, mib: [27] },
  "a cache over the REST driver": { names: 1_001, mib: [] },
  "Miniflare's env.KV": { names: 101, mib: [] },
};
for (const name of GROUND_NAMES) describeHelpers(name, GROUNDS[name], AMOUNTS[name]);

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
    ["over a cache, which has none", (kv: KVNamespace<any>) => withCache(kv, { max: 10, deadline: Infinity })],
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
    expect(error.message).toMatch(/^2 of 3 keys failed\. The first failure: A key may have up to 512 bytes/);
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
