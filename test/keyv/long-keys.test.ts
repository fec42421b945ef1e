import { createHash } from "node:crypto";
import { createStores } from "@kvplug/cache-manager";
import { kvStore } from "@kvplug/cache-manager/v5";
import { MAX_KEY_BYTES, nameOfLong, utf8Length } from "@kvplug/core/seam";
import { createKeyv, KeyvKV } from "@kvplug/keyv";
import { kvDriver } from "@kvplug/keyv/bentocache";
import { createCache } from "cache-manager-7";
import { assert, constantFrom, oneof, pre, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { collect } from "../support/collect.ts";
import { errorOf } from "../support/errors.ts";
import { listAll } from "../support/namespace.ts";
import { useRest } from "../support/rest.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const url = (end: string): string => `https://example.com/${"path/".repeat(200)}${end}`;

describe("a name", () => {
  it("is namespace and key, as long as that fits", () => {
    for (const key of ["", "a", "k".repeat(509), "ä".repeat(254)]) expect(nameOfLong("n::", key)).toBe(`n::${key}`);
  });

  it("ends in the hash of a key that is too long, and is as long as KV allows", () => {
    const name = nameOfLong("n::", url("a"));
    expect(name).toBe(`n::${url("a").slice(0, 437)}~sha256-${sha256(url("a"))}`);
    expect(utf8Length(name)).toBe(MAX_KEY_BYTES);
  });

  it("cuts no character", () => {
    for (const start of ["", "a", "ab", "abc"]) {
      const key = start + "🦊".repeat(200);
      const name = nameOfLong("", key);
      const [kept, hash] = name.split("~sha256-");
      expect(key.startsWith(kept!)).toBe(true);
      expect(hash).toBe(sha256(key));
      expect(utf8Length(name)).toSatisfy((bytes) => bytes <= MAX_KEY_BYTES && bytes > MAX_KEY_BYTES - 4);
    }
  });

  it("is shared by no two keys, not by one that looks like the name of another either", () => {
    const name = nameOfLong("n::", url("a"));
    const forged = name.slice("n::".length);
    expect(nameOfLong("n::", forged)).not.toBe(name);
    const long = string({ unit: constantFrom("a", "é", "🦊", "~sha256-", sha256("a")), maxLength: 500 });
    const key = oneof(
      long,
      long.map((inner) => nameOfLong("", inner)),
    );
    assert(
      property(key, key, (one, other) => {
        pre(one !== other);
        expect(nameOfLong("p:", one)).not.toBe(nameOfLong("p:", other));
        expect(utf8Length(nameOfLong("p:", one))).toBeLessThanOrEqual(MAX_KEY_BYTES);
      }),
      { seed: 22, numRuns: 300 },
    );
  });

  it("hashes nothing that UTF-8 cannot carry, and no namespace", () => {
    const key = `${"k".repeat(600)}\ud800`;
    expect(nameOfLong("n::", key)).toBe(`n::${key}`);
    expect(nameOfLong("n".repeat(500), "k".repeat(100))).toHaveLength(600);
  });
});

describe("a key that is too long", () => {
  const rest = useRest();

  it("is read, deleted and cleared like any other", async () => {
    const keyv = createKeyv(rest.kv, { namespace: "n" });
    await keyv.setMany([
      { key: url("a"), value: 1 },
      { key: url("b"), value: 2 },
    ]);
    expect(await keyv.getMany([url("a"), url("b"), url("c")])).toEqual([1, 2, undefined]);
    expect(await keyv.hasMany([url("a"), url("c")])).toEqual([true, false]);
    expect(await keyv.delete(url("a"))).toBe(true);
    expect(await keyv.get(url("a"))).toBeUndefined();
    const [listed] = await collect(keyv.keys("https://example.com/path/"));
    expect(listed).toMatch(new RegExp(`~sha256-${sha256(url("b"))}$`));
    await keyv.deleteByPrefix("https://example.com/");
    expect(await listAll(rest.kv)).toEqual([]);
  });

  it("is kept by all caches here", async () => {
    const cache = createCache({ stores: createStores(rest.kv) });
    expect([await cache.wrap(url("a"), () => 1), await cache.wrap(url("a"), () => 2)]).toEqual([1, 1]);
    const store = kvStore(rest.kv);
    await store.set(url("b"), 1);
    expect([await store.get(url("b")), await store.keys(url("b"))]).toEqual([1, [url("b")]]);
    const driver = kvDriver(rest.kv).factory({ prefix: "bento" });
    await driver.set(url("c"), "1");
    expect(await driver.get(url("c"))).toBe("1");
    await driver.clear();
    expect(await driver.get(url("c"))).toBeUndefined();
  });

  it("is refused where that is wanted", async () => {
    const store = new KeyvKV(rest.kv, { hashLongKeys: false });
    expect((await errorOf(store.set(url("a"), "1"))).code).toBe("KV_LIMIT");
    const errorAtAll = await errorOf(new KeyvKV(rest.kv).set(`${url("a")}\ud800`, "1"));
    expect(errorAtAll.message).toContain("lone surrogate");
  });
});
