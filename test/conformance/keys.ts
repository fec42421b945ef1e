import { describe, expect, test } from "vitest";
import { UNUSUAL_KEYS } from "../support/unusual.ts";
import { casesOf, type Seam } from "./seam.ts";

export function describeKeys(seam: Seam): void {
  describe("keys", () => {
    // All of them side by side, below, are of the core as well.
    const cases = casesOf(seam, UNUSUAL_KEYS, 6).map((key) => [JSON.stringify(key.slice(0, 20)), key] as const);
    test.for(cases)("%s", async ([, key]) => {
      const value = `value of ${key}`;
      await seam.kv.put(key, value, { metadata: key.slice(0, 50) });
      expect(await seam.kv.get(key)).toBe(value);
      expect(await seam.kv.getWithMetadata(key)).toMatchObject({ value, metadata: key.slice(0, 50) });
      const lost = seam.quirks.bulkReadsLose?.(key);
      expect((await seam.kv.get([key, "other"])).get(key)).toBe(lost ? undefined : value);
      expect((await seam.kv.list()).keys.map(({ name }) => name)).toEqual([key]);
      const hidden = seam.quirks.prefixEndsAtNul && key.includes("\0");
      expect((await seam.kv.list({ prefix: key })).keys.map(({ name }) => name)).toEqual(hidden ? [] : [key]);
      await seam.kv.delete(key);
      expect(await seam.kv.get(key)).toBeNull();
      expect((await seam.kv.list()).keys).toEqual([]);
    });

    test("all of them side by side", async () => {
      for (const key of UNUSUAL_KEYS) await seam.kv.put(key, `value of ${key}`);
      for (const key of UNUSUAL_KEYS) expect(await seam.kv.get(key)).toBe(`value of ${key}`);
      const names = (await seam.kv.list()).keys.map(({ name }) => name);
      expect(names.toSorted()).toEqual([...UNUSUAL_KEYS].toSorted());
    });

    test("upper and lower case are different keys", async () => {
      await seam.kv.put("a", "lower");
      await seam.kv.put("A", "upper");
      expect(await seam.kv.get("a")).toBe("lower");
      expect((await seam.kv.list({ prefix: "A" })).keys).toEqual([{ name: "A" }]);
    });
  });
}
