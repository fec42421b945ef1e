import { describe, expect, test } from "vitest";
import { casesOf, type Seam } from "./seam.ts";

export function describeLimits(seam: Seam): void {
  describe("limits", () => {
    const nothingIsThere = async (): Promise<void> => expect((await seam.kv.list()).keys).toEqual([]);
    const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

    const keys = [
      ["an empty one", ""],
      [".", "."],
      ["..", ".."],
      ["513 bytes", "x".repeat(513)],
      ["513 bytes of 257 characters", `x${"é".repeat(256)}`],
    ] as const;
    test.for(casesOf(seam, keys, 3))("no such key: %s", async ([, key]) => {
      await expect(seam.kv.put(key, "1")).rejects.toThrow();
      await expect(seam.kv.get(key)).rejects.toThrow();
      await expect(seam.kv.getWithMetadata(key)).rejects.toThrow();
      await expect(seam.kv.delete(key)).rejects.toThrow();
      await nothingIsThere();
    });

    test("no metadata above 1,024 bytes", async () => {
      await expect(seam.kv.put("a", "1", { metadata: "x".repeat(1023) })).rejects.toThrow();
      await expect(seam.kv.put("a", "1", { metadata: { a: "é".repeat(509) } })).rejects.toThrow();
      await nothingIsThere();
    });

    test.for(casesOf(seam, [59, 0, -1, Number.NaN, Number.POSITIVE_INFINITY], 3))(
      "no expirationTtl of %s",
      async (expirationTtl) => {
        await expect(seam.kv.put("a", "1", { expirationTtl })).rejects.toThrow();
        await nothingIsThere();
      },
    );

    const moments = [
      ["in the past", -3600],
      ["of now", 0],
      ["in 58 seconds", 58],
      ["in milliseconds", 1_700_000_000_000],
      ["that is no number", Number.NaN],
    ] as const;
    test.for(casesOf(seam, moments, 2))("no expiration %s", async ([, ahead]) => {
      await expect(seam.kv.put("a", "1", { expiration: inSeconds(ahead) })).rejects.toThrow();
      await nothingIsThere();
    });

    test("no Date where seconds belong", async () => {
      const expiration = new Date(Date.now() + 3_600_000) as unknown as number;
      await expect(seam.kv.put("a", "1", { expiration })).rejects.toThrow();
      await nothingIsThere();
    });

    test("no fractions of seconds", async () => {
      const put = seam.kv.put("a", "1", { expirationTtl: 60.5 });
      if (seam.quirks.roundsNumbers) return put;
      await expect(put).rejects.toThrow();
      await expect(seam.kv.put("a", "1", { expiration: inSeconds(3600) + 0.5 })).rejects.toThrow();
      await nothingIsThere();
    });

    test("no page of more than a thousand names", async () => {
      await expect(seam.kv.list({ limit: 1001 })).rejects.toThrow();
    });

    test.for(casesOf(seam, [0, -1, 1.5, Number.NaN], 2))("no page of %s names", async (limit) => {
      await seam.kv.put("a", "1");
      if (seam.quirks.roundsNumbers) expect((await seam.kv.list({ limit })).keys).toHaveLength(1);
      else await expect(seam.kv.list({ limit })).rejects.toThrow();
    });

    test("no lone surrogates", async () => {
      if (seam.quirks.replacesLoneSurrogates) {
        await seam.kv.put("a", "\ud800");
        expect(await seam.kv.get("a")).toBe("\ufffd");
        return;
      }
      await expect(seam.kv.put("\ud800", "1")).rejects.toThrow();
      await expect(seam.kv.put("a", "\udc00")).rejects.toThrow();
      await expect(seam.kv.list({ prefix: "\ud800" })).rejects.toThrow();
      await nothingIsThere();
    });

    test("no options that do not exist", async () => {
      const put = seam.kv.put("a", "1", { ttl: 60 } as object);
      if (seam.quirks.ignoresUnknownOptions) return put;
      await expect(put).rejects.toThrow();
      await nothingIsThere();
    });
  });
}
