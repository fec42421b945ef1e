import { beforeEach, describe, expect, test } from "vitest";
import { textOf } from "../support/bytes.ts";
import type { Seam } from "./seam.ts";

export function describeReads(seam: Seam): void {
  describe("get", () => {
    beforeEach(() => seam.kv.put("user", '{"name":"Ada"}', { metadata: { seen: 1 } }));

    test("text is the default", async () => {
      expect(await seam.kv.get("user")).toBe('{"name":"Ada"}');
      expect(await seam.kv.get("user", {})).toBe('{"name":"Ada"}');
      expect(await seam.kv.get("user", "text")).toBe('{"name":"Ada"}');
      expect(await seam.kv.get("user", { type: "text" })).toBe('{"name":"Ada"}');
    });

    test("json", async () => {
      expect(await seam.kv.get("user", "json")).toEqual({ name: "Ada" });
      expect(await seam.kv.get("user", { type: "json" })).toEqual({ name: "Ada" });
    });

    test("arrayBuffer", async () => {
      const bytes = new TextEncoder().encode('{"name":"Ada"}').buffer;
      expect(await seam.kv.get("user", "arrayBuffer")).toEqual(bytes);
      expect(await seam.kv.get("user", { type: "arrayBuffer" })).toEqual(bytes);
    });

    test("stream", async () => {
      expect(await textOf((await seam.kv.get("user", "stream"))!)).toBe('{"name":"Ada"}');
      expect(await textOf((await seam.kv.get("user", { type: "stream" }))!)).toBe('{"name":"Ada"}');
    });

    test("a key that does not exist is null in every type", async () => {
      expect(await seam.kv.get("nobody")).toBeNull();
      expect(await seam.kv.get("nobody", "json")).toBeNull();
      expect(await seam.kv.get("nobody", "arrayBuffer")).toBeNull();
      expect(await seam.kv.get("nobody", "stream")).toBeNull();
    });

    test("json that is none rejects, alone and among others", async () => {
      await seam.kv.put("broken", "{");
      await expect(seam.kv.get("broken", "json")).rejects.toThrow();
      await expect(seam.kv.get(["user", "broken"], "json")).rejects.toThrow();
    });

    test("a type that does not exist is refused", async () => {
      await expect(seam.kv.get("user", "yaml" as "text")).rejects.toThrow();
    });
  });

  describe("getWithMetadata", () => {
    beforeEach(() => seam.kv.put("user", "7", { metadata: { seen: 1 } }));

    test("text is the default", async () => {
      const expected = { value: "7", metadata: { seen: 1 }, cacheStatus: null };
      expect(await seam.kv.getWithMetadata("user")).toEqual(expected);
      expect(await seam.kv.getWithMetadata("user", "text")).toEqual(expected);
      expect(await seam.kv.getWithMetadata("user", { type: "text" })).toEqual(expected);
    });

    test("json", async () => {
      const expected = { value: 7, metadata: { seen: 1 }, cacheStatus: null };
      expect(await seam.kv.getWithMetadata("user", "json")).toEqual(expected);
      expect(await seam.kv.getWithMetadata("user", { type: "json" })).toEqual(expected);
    });

    test("arrayBuffer", async () => {
      const expected = { value: new TextEncoder().encode("7").buffer, metadata: { seen: 1 }, cacheStatus: null };
      expect(await seam.kv.getWithMetadata("user", "arrayBuffer")).toEqual(expected);
      expect(await seam.kv.getWithMetadata("user", { type: "arrayBuffer" })).toEqual(expected);
    });

    test("stream", async () => {
      const { value, ...rest } = await seam.kv.getWithMetadata("user", "stream");
      expect(rest).toEqual({ metadata: { seen: 1 }, cacheStatus: null });
      expect(await textOf(value!)).toBe("7");
      expect(await textOf((await seam.kv.getWithMetadata("user", { type: "stream" })).value!)).toBe("7");
    });

    test("a key that does not exist has neither value nor metadata, in every type", async () => {
      const nothing = { value: null, metadata: null, cacheStatus: null };
      expect(await seam.kv.getWithMetadata("nobody")).toEqual(nothing);
      expect(await seam.kv.getWithMetadata("nobody", "json")).toEqual(nothing);
      expect(await seam.kv.getWithMetadata("nobody", "arrayBuffer")).toEqual(nothing);
      expect(await seam.kv.getWithMetadata("nobody", "stream")).toEqual(nothing);
    });
  });

  describe("get(keys)", () => {
    beforeEach(async () => {
      await seam.kv.put("a", "1", { metadata: "first" });
      await seam.kv.put("b", "2");
    });

    test("a map in the order asked for, each key once, missing ones as null", async () => {
      const found = await seam.kv.get(["b", "nobody", "a", "b"]);
      expect([...found]).toEqual([
        ["b", "2"],
        ["nobody", null],
        ["a", "1"],
      ]);
    });

    test("json, in both forms", async () => {
      expect([...(await seam.kv.get(["a", "b"], "json"))]).toEqual([
        ["a", 1],
        ["b", 2],
      ]);
      expect([...(await seam.kv.get(["a"], { type: "json" }))]).toEqual([["a", 1]]);
      expect([...(await seam.kv.get(["a"], "text"))]).toEqual([["a", "1"]]);
      expect([...(await seam.kv.get(["a"], { type: "text" }))]).toEqual([["a", "1"]]);
    });

    test("with metadata", async () => {
      const found = await seam.kv.getWithMetadata(["b", "a"]);
      expect([...found.keys()]).toEqual(["b", "a"]);
      expect(found.get("b")).toMatchObject({ value: "2", metadata: null });
      expect(found.get("a")).toMatchObject({ value: "1", metadata: "first" });
      expect((await seam.kv.getWithMetadata(["a"], "json")).get("a")).toMatchObject({ value: 1, metadata: "first" });
    });

    test("with metadata, a missing key", async () => {
      const found = await seam.kv.getWithMetadata(["nobody", "a"]);
      const nothing = seam.quirks.nullForMissingEntries ? null : { value: null, metadata: null, cacheStatus: null };
      expect(found.get("nobody")).toEqual(nothing);
      expect(found.get("a")).toMatchObject({ value: "1", metadata: "first" });
    });

    test("a hundred keys", async () => {
      const keys = Array.from({ length: 100 }, (_, i) => `key ${i}`);
      await Promise.all(keys.map((key) => seam.kv.put(key, `value of ${key}`)));
      expect([...(await seam.kv.get(keys))]).toEqual(keys.map((key) => [key, `value of ${key}`]));
    });

    test("keys that look like numbers keep their places", async () => {
      await seam.kv.put("10", "ten");
      await seam.kv.put("9", "nine");
      const found = await seam.kv.get(["b", "10", "9"]);
      const asked = ["b", "10", "9"].filter((key) => !seam.quirks.bulkReadsLose?.(key));
      expect([...found.keys()]).toEqual(asked);
    });

    test("no keys", async () => {
      if (seam.quirks.refusesNoKeys) await expect(seam.kv.get([])).rejects.toThrow();
      else expect(await seam.kv.get([])).toEqual(new Map());
    });

    test("bytes and streams are not handed out so", async () => {
      await expect(seam.kv.get(["a"], "arrayBuffer" as "text")).rejects.toThrow();
      await expect(seam.kv.get(["a"], "stream" as "text")).rejects.toThrow();
    });

    test("one key that cannot be refuses all", async () => {
      await expect(seam.kv.get(["a", "x".repeat(513)])).rejects.toThrow();
    });
  });
}
