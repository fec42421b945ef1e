import type { KVListResult } from "@kvplug/core/seam";
import { describe, expect, test } from "vitest";
import { listAll, putAll } from "../support/namespace.ts";
import { casesOf, type Seam } from "./seam.ts";

export function describeListing(seam: Seam): void {
  describe("list", () => {
    const names = async (options: { prefix?: string; limit?: number } = {}): Promise<string[]> =>
      (await listAll(seam.kv, options)).map(({ name }) => name);

    test("an empty namespace", async () => {
      expect(await seam.kv.list()).toEqual({ keys: [], list_complete: true, cacheStatus: null });
      expect(await seam.kv.list({ prefix: "a", limit: 5 })).toEqual({
        keys: [],
        list_complete: true,
        cacheStatus: null,
      });
    });

    test("names, expirations and metadata, and nothing where there is none", async () => {
      const expiration = Math.floor(Date.now() / 1000) + 600;
      await seam.kv.put("b", "1", { expiration });
      await seam.kv.put("c", "1", { metadata: { n: 1 } });
      await seam.kv.put("a", "1");
      expect(await seam.kv.list()).toEqual({
        keys: [{ name: "a" }, { name: "b", expiration }, { name: "c", metadata: { n: 1 } }],
        list_complete: true,
        cacheStatus: null,
      });
    });

    test("in the order of UTF-8 bytes, which is not that of UTF-16 units", async () => {
      // In UTF-16 a supplementary character begins with a unit below U+E000, in UTF-8 with the highest byte.
      const sorted = [
        "",
        "\0",
        " ",
        "-",
        "A",
        "Z",
        "a",
        "z",
        "\x7f",
        "é",
        "\ud7ff",
        "\ue000",
        "\ufffd",
        "\uffff",
        "\u{10000}",
        "😀",
      ];
      const keys = sorted.map((end) => `key${end}`);
      await putAll(seam.kv, keys.toReversed());
      expect(await names()).toEqual(keys);
      expect(await names({ limit: 1 })).toEqual(keys);
      expect(await names({ limit: 3, prefix: "key" })).toEqual(keys);
    });

    test("a shorter name comes before those that it begins", async () => {
      await putAll(seam.kv, ["a/b", "a", "a/", "aa", "a/b/c"]);
      expect(await names()).toEqual(["a", "a/", "a/b", "a/b/c", "aa"]);
    });

    test("a prefix", async () => {
      await putAll(seam.kv, ["user:1", "user:2", "user", "users", "USER:3", "other"]);
      expect(await names({ prefix: "user:" })).toEqual(["user:1", "user:2"]);
      expect(await names({ prefix: "user" })).toEqual(["user", "user:1", "user:2", "users"]);
      expect(await names({ prefix: "user:3" })).toEqual([]);
      expect(await names({ prefix: "" })).toHaveLength(6);
      expect((await seam.kv.list({ prefix: null })).keys).toHaveLength(6);
    });

    test("a prefix is no pattern", async () => {
      await putAll(seam.kv, ["a%b", "a_b", "a*b", "a?b", "a[b]", "a.b", "axb"]);
      for (const prefix of ["a%", "a_", "a*", "a?", "a[", "a."]) expect(await names({ prefix })).toHaveLength(1);
    });

    test("a prefix that ends with the last characters there are", async () => {
      await putAll(seam.kv, ["a\uffff", "a\uffffb", "a\u{10ffff}", "a\u{10ffff}b", "b"]);
      expect(await names({ prefix: "a\uffff" })).toEqual(["a\uffff", "a\uffffb"]);
      expect(await names({ prefix: "a\u{10ffff}" })).toEqual(["a\u{10ffff}", "a\u{10ffff}b"]);
    });

    test.for(casesOf(seam, [1, 2, 3, 7, 9, 10, 11, 24, 25, 26, 1000], 4))("pages of %i", async (limit) => {
      const keys = Array.from({ length: 25 }, (_, i) => `page/${String(i).padStart(2, "0")}`);
      await putAll(seam.kv, [...keys, "a", "z"]);
      const found: string[] = [];
      let cursor: string | null = null;
      for (let pages = 0; ; pages++) {
        expect(pages).toBeLessThanOrEqual(25);
        const page: KVListResult = await seam.kv.list({ prefix: "page/", limit, cursor });
        expect(page.keys.length).toBeLessThanOrEqual(limit);
        found.push(...page.keys.map(({ name }) => name));
        if (page.list_complete) break;
        expect(page.cursor).not.toBe("");
        cursor = page.cursor;
      }
      expect(found).toEqual(keys);
    });

    test("a cursor that is null or empty begins at the beginning", async () => {
      await putAll(seam.kv, ["a", "b"]);
      expect((await seam.kv.list({ cursor: null })).keys).toHaveLength(2);
      expect((await seam.kv.list({ cursor: "" })).keys).toHaveLength(2);
    });

    test("a cursor stands while keys come and go", async () => {
      await putAll(seam.kv, ["a", "b", "c", "d", "e"]);
      const page = await seam.kv.list({ limit: 2 });
      if (page.list_complete) throw new Error("There must be more.");
      await seam.kv.delete("b");
      await seam.kv.delete("c");
      await seam.kv.put("aa", "before the cursor");
      await seam.kv.put("dd", "after it");
      const rest = await seam.kv.list({ cursor: page.cursor });
      expect(rest.keys.map(({ name }) => name)).toEqual(["d", "dd", "e"]);
    });
  });
}
