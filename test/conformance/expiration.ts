import { describe, expect, test } from "vitest";
import { listAll } from "../support/namespace.ts";
import type { Seam } from "./seam.ts";

export function describeExpiration(seam: Seam): void {
  describe("expiration", () => {
    const now = (): number => Math.floor(seam.now() / 1000);

    test("an expiration is listed as it was given", async () => {
      const expiration = now() + 3600;
      await seam.kv.put("a", "1", { expiration, metadata: 1 });
      expect((await seam.kv.list()).keys).toEqual([{ name: "a", expiration, metadata: 1 }]);
    });

    test("an expirationTtl is listed as the moment it leads to", async () => {
      const before = now();
      await seam.kv.put("a", "1", { expirationTtl: 60 });
      const { expiration } = (await seam.kv.list()).keys[0]!;
      expect(expiration).toBeGreaterThanOrEqual(before + 60);
      expect(expiration).toBeLessThanOrEqual(now() + 60);
    });

    test("expirationTtl wins over expiration, even over one in the past", async () => {
      const before = now();
      for (const expiration of [before + 36_000, before - 36_000]) {
        await seam.kv.put("a", "1", { expiration, expirationTtl: 120 });
        const listed = (await seam.kv.list()).keys[0]!.expiration!;
        expect(listed).toBeGreaterThanOrEqual(before + 120);
        expect(listed).toBeLessThanOrEqual(now() + 120);
      }
    });

    test("where getWithMetadata tells the expiration, it is the listed one", async () => {
      // A moment, not a ttl: what stands before the store counts one from a clock of its own.
      const moment = Math.floor(Date.now() / 1000) + 600;
      await seam.kv.put("a", "1", { expiration: moment, metadata: 1 });
      const { expiration } = (await seam.kv.list()).keys[0]!;
      expect(expiration).toBe(moment);
      for (const entry of [
        await seam.kv.getWithMetadata("a"),
        await seam.kv.getWithMetadata("a", "arrayBuffer"),
        await seam.kv.getWithMetadata("a", "stream"),
        (await seam.kv.getWithMetadata(["a"])).get("a")!,
      ]) {
        expect(entry.expiration ?? expiration).toBe(expiration);
      }
    });

    if (seam.quirks.clockStands) return;

    test("an expired key is gone everywhere", async () => {
      await seam.kv.put("short", "1", { expirationTtl: 60 });
      await seam.kv.put("long", "2", { expirationTtl: 7200 });
      seam.advance(59_000);
      expect(await seam.kv.get("short")).toBe("1");
      seam.advance(2000);
      expect(await seam.kv.get("short")).toBeNull();
      expect(await seam.kv.getWithMetadata("short")).toMatchObject({ value: null, metadata: null });
      expect([...(await seam.kv.get(["short", "long"])).values()]).toEqual([null, "2"]);
      expect((await listAll(seam.kv)).map(({ name }) => name)).toEqual(["long"]);
      await seam.kv.put("short", "again");
      expect(await seam.kv.get("short")).toBe("again");
    });
  });
}
