import { describe, expect, test } from "vitest";
import { putAll } from "../support/namespace.ts";
import type { Seam } from "./seam.ts";

const MAX_VALUE_BYTES = 25 * 1024 * 1024;

export function describeSizes(seam: Seam): void {
  describe("sizes", () => {
    test("25 MiB", async () => {
      const value = new Uint8Array(MAX_VALUE_BYTES).fill(7);
      await seam.kv.put("a", value);
      expect(Buffer.from((await seam.kv.get("a", "arrayBuffer"))!).equals(value)).toBe(true);
    });

    test("no value above 25 MiB", async () => {
      await expect(seam.kv.put("a", new Uint8Array(MAX_VALUE_BYTES + 1))).rejects.toThrow();
      expect((await seam.kv.list()).keys).toEqual([]);
    });

    test("a thousand names make a page", async () => {
      await putAll(
        seam.kv,
        Array.from({ length: 1001 }, (_, i) => String(i).padStart(4, "0")),
      );
      const page = await seam.kv.list();
      expect(page.keys).toHaveLength(1000);
      if (page.list_complete) throw new Error("There must be more.");
      const rest = await seam.kv.list({ cursor: page.cursor });
      expect(rest).toEqual({ keys: [{ name: "1000" }], list_complete: true, cacheStatus: null });
    });
  });
}
