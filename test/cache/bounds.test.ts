import { withCache, type CacheBound } from "@kvplug/cache";
import { openKV } from "@kvplug/server";
import { describe, expect, test } from "vitest";

const MIB = 1024 * 1024;

describe("a cache is bounded in bytes, whatever it is told", () => {
  const open = (bound: CacheBound & { maxValueBytes?: number }) => withCache(openKV(), bound);

  test("by 64 MiB where it is told nothing of bytes", async () => {
    await using kv = open({ max: 1_000_000 });
    // Each is more than its bytes: all of them do not fit.
    for (let i = 0; i < 64; i++) await kv.put(`key ${i}`, new Uint8Array(MIB));
    const { bytes, entries, evictions } = kv.stats();
    expect([entries, evictions]).toEqual([63, 1]);
    expect(bytes).toBeLessThanOrEqual(64 * MIB);
    expect(bytes).toBeGreaterThan(63 * MIB);
  });

  test("by what it is told", async () => {
    await using kv = open({ max: 1_000_000, maxBytes: 80 * MIB });
    for (let i = 0; i < 64; i++) await kv.put(`key ${i}`, new Uint8Array(MIB));
    expect(kv.stats()).toMatchObject({ entries: 64, evictions: 0 });
  });

  test("and with that in entries, of which the empty ones take 320 bytes", async () => {
    await using kv = open({ maxBytes: 32_100 });
    for (let i = 0; i < 200; i++) await kv.get(String.fromCharCode(0x100 + i));
    expect(kv.stats()).toMatchObject({ entries: 99, evictions: 101 });
  });

  test("a larger value does not push out the others, unless it may", async () => {
    for (const [maxValueBytes, entries] of [
      [undefined, 1],
      [2 * MIB, 2],
    ] as const) {
      await using kv = open({ max: 10, ...(maxValueBytes !== undefined && { maxValueBytes }) });
      await kv.put("small", "1");
      await kv.put("large", new Uint8Array(MIB + 1));
      expect(kv.stats()).toMatchObject({ entries, tooLarge: 2 - entries });
    }
  });
});
