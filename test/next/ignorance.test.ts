import { expect, test, vi } from "vitest";
import { KVError } from "@kvplug/core/seam";
import { openKV } from "@kvplug/server";
import { useVirtualTime } from "../support/clock.ts";
import { eventually } from "../support/eventually.ts";
import { overlaid } from "../support/overlaid.ts";
import { data, openInstance, page } from "./instances.ts";

const time = useVirtualTime();

const PAGE = { kind: "APP_PAGE" };
const hour = { cacheControl: { revalidate: 3600, expire: 86_400 } };

test("a tag may have any name", async () => {
  await using kv = openKV();
  const [one, other] = [openInstance({ kv }), openInstance({ kv })];
  expect(await one.responses.get("/", PAGE)).toBeNull();
  await one.responses.set("/", page("of old data", "__proto__"), hour);
  await eventually(async () => expect(await kv.get("next:page:build-1:/")).toContain('"seen":{"__proto__":0}'));
  // One whose clock is behind, so that only what the maker knew can tell.
  time.setClock(-60_000);
  await other.responses.revalidateTag("__proto__");
  expect(await other.responses.get("/", PAGE)).toBeNull();
});

test("what was made of data whose tag could not be read is not taken for made in knowledge of it", async () => {
  const report = vi.spyOn(console, "error").mockImplementation(() => {});
  await using kv = openKV();
  const one = openInstance({ kv });
  expect(await one.responses.get("key", { kind: "FETCH", tags: ["a"] })).toBeNull();
  await one.responses.set("key", data("old"), { fetchCache: true, tags: ["a"] });
  await one.responses.revalidateTag("a");
  time.advance(2_000);

  let isOut = true;
  const fails = async (keys: string | string[], read: () => unknown): Promise<unknown> => {
    if (isOut && [keys].flat().some((key) => key.startsWith("next:tag:"))) throw new KVError("KV_NETWORK", "Away.");
    return read();
  };
  const failing = overlaid(kv, {
    get: (keys: any, options: any) => fails(keys, () => kv.get(keys, options)),
    getWithMetadata: (keys: any, options: any) => fails(keys, () => kv.getWithMetadata(keys, options)),
  });
  const request = openInstance({ kv: failing }).request();
  expect(await request.get("/", PAGE)).toBeNull();
  // Nobody knows better while the tag cannot be read.
  expect((await request.get("key", { kind: "FETCH", tags: ["a"] }))!.value).toMatchObject({ data: { body: "old" } });
  isOut = false;
  // Until its circuit closes.
  time.advance(10_000);
  await request.set("/", page("of old data", "a"), hour);
  expect(await openInstance({ kv }).responses.get("/", PAGE)).toBeNull();
  report.mockRestore();
});

test.each([-1, 1e300, Number.NaN])("no duration loses an invalidation: %s", async (expire) => {
  await using kv = openKV();
  const { request } = openInstance({ kv });
  await request().set("/", page("old", "a"), hour);
  await request().revalidateTag("a", { expire });
  const found = await request().get("/", PAGE);
  // It is past its time, or gone.
  expect(found?.cacheControl?.revalidate ?? 1).toBe(1);
});
