import { forEachKey, clearPrefix, getEntries, listPages, type KVNamespace } from "@kvplug/core/seam";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { collect } from "../support/collect.ts";
import { clear, listAll } from "../support/namespace.ts";
import { UNUSUAL_KEYS } from "../support/unusual.ts";

/** Names in their order. */
export const numbered = (count: number, prefix = "key-"): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(5, "0")}`);

/** What a namespace is opened and closed by. */
export type OpenGround = () => Promise<{ kv: KVNamespace<any>; close(): Promise<void> }>;

/** What of it is tested, as far as that takes time. */
export interface Amounts {
  /** How many names are listed; beyond a thousand it is more than a page. */
  readonly names: number;
  /** How many MiB are read at once. */
  readonly mib: readonly number[];
}

/** Tests what is built on the seam alone, over one namespace. */
export function describeHelpers(name: string, openGround: OpenGround, { names: count, mib: mibs }: Amounts): void {
  describe(`over ${name}`, () => {
    let ground: Awaited<ReturnType<OpenGround>>;
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
      const keys = numbered(150);
      await forEachKey(keys, (key, i) => kv.put(key, key, i % 2 === 0 ? { metadata: { i } } : {}));
      const entries = await getEntries<{ i: number }>(kv, [...keys, "none"]);
      expect(entries.map((entry) => entry?.value)).toEqual([...keys, undefined]);
      expect(entries.at(-1)).toBeNull();
      expect([entries[148]?.metadata, entries[149]?.metadata]).toEqual([{ i: 148 }, null]);
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

    it.for(mibs)("getEntries reads %i MiB, which is more than one answer may hold", async (mib) => {
      const keys = numbered(mib);
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

    it("listPages hands out every name once, in order, a page at a time", async () => {
      await fill([...numbered(count), "kez", "ke"]);
      const pages = await collect(listPages(kv, "key-"));
      expect(pages.map((page) => page.length)).toEqual(count > 1_000 ? [1_000, count - 1_000] : [count]);
      expect(pages.flat().map(({ name }) => name)).toEqual(numbered(count));
      expect((await collect(listPages(kv))).flat()).toHaveLength(count + 2);
      expect(await collect(listPages(kv, "none"))).toEqual([]);
    });
  });
}
