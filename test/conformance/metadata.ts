import { describe, expect, test } from "vitest";
import { casesOf, type Seam } from "./seam.ts";

const KINDS: [kind: string, metadata: unknown][] = [
  ["an object", { a: { b: [1, "2", null, false] }, "": 0 }],
  ["an empty object", {}],
  ["an array", [1, [2]]],
  ["a text", 'quotes " and \\, a line\nbreak, 😀, é'],
  ["an empty text", ""],
  ["a number", -1.5e-7],
  ["zero", 0],
  ["true", true],
  ["false", false],
];

export function describeMetadata(seam: Seam): void {
  describe("metadata", () => {
    test.for(casesOf(seam, KINDS, 3))("%s is read and listed as it was", async ([, metadata]) => {
      await seam.kv.put("a", "1", { metadata });
      expect((await seam.kv.getWithMetadata("a")).metadata).toEqual(metadata);
      expect((await seam.kv.getWithMetadata("a", "arrayBuffer")).metadata).toEqual(metadata);
      expect((await seam.kv.getWithMetadata("a", "stream")).metadata).toEqual(metadata);
      expect((await seam.kv.getWithMetadata(["a"])).get("a")!.metadata).toEqual(metadata);
      expect((await seam.kv.list()).keys).toEqual([{ name: "a", metadata }]);
    });

    test.for([null, undefined])("%s is none", async (metadata) => {
      await seam.kv.put("a", "1", { metadata });
      expect((await seam.kv.getWithMetadata("a")).metadata).toBeNull();
      expect((await seam.kv.list()).keys).toEqual([{ name: "a" }]);
    });

    test("beside a value of bytes", async () => {
      await seam.kv.put("a", Uint8Array.of(0xff, 0xfe), { metadata: "label" });
      const { value, metadata } = await seam.kv.getWithMetadata("a", "arrayBuffer");
      expect({ value: [...new Uint8Array(value!)], metadata }).toEqual({ value: [0xff, 0xfe], metadata: "label" });
    });

    test("1,024 bytes", async () => {
      const metadata = "é".repeat(511);
      await seam.kv.put("a", "1", { metadata });
      expect((await seam.kv.getWithMetadata("a")).metadata).toBe(metadata);
    });
  });
}
