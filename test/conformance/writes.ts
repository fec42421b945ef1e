import { describe, expect, test } from "vitest";
import { bytesOf, streamOf } from "../support/bytes.ts";
import type { Seam } from "./seam.ts";

export function describeWrites(seam: Seam): void {
  describe("put and delete", () => {
    const inFuture = (): number => Math.floor(Date.now() / 1000) + 3600;

    test("nothing is returned", async () => {
      expect(await seam.kv.put("a", "1")).toBeUndefined();
      expect(await seam.kv.delete("a")).toBeUndefined();
    });

    test("a put replaces the value, and drops metadata and expiration", async () => {
      await seam.kv.put("a", "long value", { metadata: { n: 1 }, expiration: inFuture() });
      await seam.kv.put("a", "2");
      expect(await seam.kv.getWithMetadata("a")).toEqual({ value: "2", metadata: null, cacheStatus: null });
      expect((await seam.kv.list()).keys).toEqual([{ name: "a" }]);
    });

    test("a put replaces metadata and expiration by its own", async () => {
      await seam.kv.put("a", "1", { metadata: { n: 1 }, expiration: inFuture() });
      const expiration = inFuture() + 3600;
      await seam.kv.put("a", "2", { metadata: [2], expiration });
      expect((await seam.kv.list()).keys).toEqual([{ name: "a", expiration, metadata: [2] }]);
    });

    test("a deleted key is gone everywhere", async () => {
      await seam.kv.put("a", "1", { metadata: 1 });
      await seam.kv.put("b", "2");
      await seam.kv.delete("a");
      expect(await seam.kv.get("a")).toBeNull();
      expect(await seam.kv.getWithMetadata("a")).toMatchObject({ value: null, metadata: null });
      expect([...(await seam.kv.get(["a", "b"]))]).toEqual([
        ["a", null],
        ["b", "2"],
      ]);
      expect((await seam.kv.list()).keys).toEqual([{ name: "b" }]);
    });

    test("deleting a key that does not exist is no error", async () => {
      await seam.kv.delete("nobody");
      await seam.kv.delete("nobody");
    });

    test("a key comes back without what it had", async () => {
      await seam.kv.put("a", "1", { metadata: 1, expiration: inFuture() });
      await seam.kv.delete("a");
      await seam.kv.put("a", "2");
      expect((await seam.kv.list()).keys).toEqual([{ name: "a" }]);
      expect(await seam.kv.get("a")).toBe("2");
    });

    test("a hundred writes at once", async () => {
      const keys = Array.from({ length: 100 }, (_, i) => `key ${i}`);
      await Promise.all(keys.map((key) => seam.kv.put(key, key)));
      expect([...(await seam.kv.get(keys)).values()]).toEqual(keys);
    });

    test("a view is stored as what it shows, not as what lies beneath", async () => {
      const beneath = Uint8Array.from({ length: 32 }, (_, i) => i);
      const views = {
        bytes: beneath.subarray(3, 7),
        nothing: beneath.subarray(5, 5),
        words: new Uint16Array(beneath.buffer, 4, 2),
        floats: new Float64Array(beneath.buffer, 8, 1),
        view: new DataView(beneath.buffer, 9, 3),
        buffer: Buffer.from(beneath.buffer, 30, 2),
      };
      for (const [key, view] of Object.entries(views)) {
        await seam.kv.put(key, view);
        const shown = beneath.slice(view.byteOffset, view.byteOffset + view.byteLength);
        expect(new Uint8Array((await seam.kv.get(key, "arrayBuffer"))!)).toEqual(shown);
      }
    });

    test("a stream, with metadata and without", async () => {
      const chunks = Array.from({ length: 20 }, (_, i) => new Uint8Array(1000).fill(i));
      await seam.kv.put("plain", streamOf(...chunks));
      await seam.kv.put("labelled", streamOf(...chunks), { metadata: "label", expirationTtl: 60 });
      await seam.kv.put("empty", streamOf());
      for (const key of ["plain", "labelled"]) {
        expect(await bytesOf((await seam.kv.get(key, "stream"))!)).toEqual(new Uint8Array(Buffer.concat(chunks)));
      }
      expect((await seam.kv.getWithMetadata("labelled", "arrayBuffer")).metadata).toBe("label");
      expect(await seam.kv.get("empty")).toBe("");
    });

    test("what is no value is refused, and nothing is written", async () => {
      for (const value of [{ a: 1 }, [1, 2]]) {
        await expect(seam.kv.put("a", value as unknown as string)).rejects.toThrow();
      }
      expect(await seam.kv.get("a")).toBeNull();
    });
  });
}
