import { openKV } from "@kvplug/server";
import { createDriver } from "@kvplug/unstorage";
import * as fc from "fast-check";
import { createStorage } from "unstorage";
import { expect, test } from "vitest";

const odd = fc.oneof(
  fc.constantFrom<unknown>(null, true, "", "soon", -1, 0, 1e300, 8.64e15, 8.64e15 + 1, 4e12, [], {}),
  fc.jsonValue({ maxDepth: 1 }),
);
const metadata = fc.oneof(
  odd,
  fc.record({ $: fc.oneof(odd, fc.record({ mtime: odd, until: odd, raw: odd }, { requiredKeys: [] })), by: odd }),
);
const value = fc.oneof(
  fc.json().map((json) => new TextEncoder().encode(json)),
  fc.string().map((text) => new TextEncoder().encode(`base64:${text}`)),
  fc.uint8Array({ maxLength: 20 }),
);

test("whatever another hand wrote, an item is read, and its dates are dates", async () => {
  await using kv = openKV();
  const storage = createStorage({ driver: createDriver({ kv }) });
  await fc.assert(
    fc.asyncProperty(value, metadata, async (bytes, beside) => {
      await kv.put("a", bytes, { metadata: beside });
      await Promise.all([storage.getItem("a"), storage.getItems(["a"]), storage.getItemRaw("a")]);
      await Promise.all([storage.hasItem("a"), storage.getKeys()]);
      const { mtime, ttl, expiration } = await storage.getMeta("a", { nativeOnly: true });
      if (mtime !== undefined) expect(mtime.getTime()).not.toBeNaN();
      for (const seconds of [ttl, expiration as number | undefined]) {
        if (seconds !== undefined) expect(new Date(seconds * 1000).getTime()).not.toBeNaN();
      }
    }),
    { numRuns: 500 },
  );
});

test("what was written for ever and a day has a date as well", async () => {
  await using kv = openKV();
  const driver = createDriver({ kv });
  await driver.setItem("a", "1", { ttl: Number.MAX_SAFE_INTEGER });
  const meta = (await driver.getMeta("a"))!;
  expect(meta.mtime!.getTime()).not.toBeNaN();
  expect(meta.metadata).toBeUndefined();
});
