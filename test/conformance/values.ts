import { describe, expect, test } from "vitest";
import { ALL_BYTES, bytesOf } from "../support/bytes.ts";
import { UNUSUAL_TEXTS } from "../support/unusual.ts";
import { casesOf, type Seam } from "./seam.ts";

export function describeValues(seam: Seam): void {
  describe("values", () => {
    const cases = casesOf(seam, UNUSUAL_TEXTS, 3).map((text) => [JSON.stringify(text), text] as const);
    test.for(cases)("the text %s", async ([, text]) => {
      await seam.kv.put("a", text);
      await seam.kv.put("labelled", text, { metadata: 1 });
      expect(await seam.kv.get("a")).toBe(text);
      expect((await seam.kv.getWithMetadata("labelled")).value).toBe(text);
      expect(Buffer.from((await seam.kv.get("labelled", "arrayBuffer"))!).toString()).toBe(text);
      expect([...(await seam.kv.get(["a", "labelled"])).values()]).toEqual([text, text]);
    });

    test("a byte order mark stays", async () => {
      const text = "\ufeffmarked";
      await seam.kv.put("a", text);
      expect(await seam.kv.get("a")).toBe(text);
      expect((await seam.kv.getWithMetadata("a")).value).toBe(text);
      expect((await seam.kv.get("a", "arrayBuffer"))!.byteLength).toBe(9);
      expect((await seam.kv.get(["a"])).get("a")).toBe(seam.quirks.bulkReadsDropByteOrderMark ? "marked" : text);
    });

    test("every byte", async () => {
      await seam.kv.put("view", ALL_BYTES);
      await seam.kv.put("buffer", ALL_BYTES.buffer);
      await seam.kv.put("labelled", ALL_BYTES, { metadata: 1 });
      for (const key of ["view", "buffer", "labelled"]) {
        expect(new Uint8Array((await seam.kv.get(key, "arrayBuffer"))!)).toEqual(ALL_BYTES);
        expect(await bytesOf((await seam.kv.get(key, "stream"))!)).toEqual(ALL_BYTES);
        expect(new Uint8Array((await seam.kv.getWithMetadata(key, "arrayBuffer")).value!)).toEqual(ALL_BYTES);
      }
    });

    test("bytes that are no UTF-8, read as text, hold U+FFFD, and the neighbours are not harmed", async () => {
      await seam.kv.put("bytes", Uint8Array.of(0xff, 0x41));
      await seam.kv.put("text", "text");
      expect(await seam.kv.get("bytes")).toBe("\ufffdA");
      expect([...(await seam.kv.get(["text", "bytes"])).values()]).toEqual(["text", "\ufffdA"]);
    });

    test("empty bytes", async () => {
      await seam.kv.put("a", new ArrayBuffer(0));
      expect((await seam.kv.get("a", "arrayBuffer"))!.byteLength).toBe(0);
      expect(await seam.kv.get("a")).toBe("");
      expect((await seam.kv.get(["a"])).get("a")).toBe("");
    });

    if (seam.extent === "core") return;

    test("1 MiB of text", async () => {
      const text = "kv ☃ 😀\n".repeat(Math.ceil(2 ** 20 / 12));
      await seam.kv.put("a", text);
      expect((await seam.kv.get("a")) === text).toBe(true);
      expect((await seam.kv.get(["a"])).get("a") === text).toBe(true);
    });
  });
}
