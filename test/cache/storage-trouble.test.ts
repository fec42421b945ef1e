import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withCache } from "@kvplug/cache";
import { openKV } from "@kvplug/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { useVirtualTime } from "../support/clock.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kvplug-"));
});
afterAll(() => rm(folder, { recursive: true }));

const time = useVirtualTime();

test("a local store whose file cannot be read is a backend out of order", async () => {
  const data = join(folder, "store.db");
  const value = "v".repeat(1_000_000);
  {
    await using store = openKV({ data });
    await store.put("k", value);
  }
  await using kv = withCache(openKV({ data }), { max: 10, ttl: 60_000, staleIfError: 60_000 });
  expect(await kv.get("k")).toBe(value);
  const { size } = await stat(data);
  await using file = await open(data, "r+");
  // The last pages are of the value.
  await file.write(Buffer.alloc(400_000, 0xff), 0, 400_000, size - 400_000);
  time.advance(60_000);
  await expect(kv.backend.get("k")).rejects.toMatchObject({ code: "KV_STORAGE" });
  expect(await kv.get("k")).toBe(value);
  kv.clearLocal();
  expect(await kv.wrap("k", () => "made")).toBe("made");
});
