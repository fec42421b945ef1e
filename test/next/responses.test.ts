import { describe, expect, test } from "vitest";
import type { NextKVOptions } from "../../packages/next/src/options.ts";
import { useStandingClock } from "../support/clock.ts";
import { eventually } from "../support/eventually.ts";
import { listAll } from "../support/namespace.ts";
import { accountOf, useRest } from "../support/rest.ts";
import { data, openInstance, page, type Instance } from "./instances.ts";

const rest = useRest();
const advance = useStandingClock();

const open = (options: NextKVOptions = {}, build?: string): Instance =>
  openInstance({ kv: { ...accountOf(rest.server), namespaceId: rest.server.namespaces[0]!.id }, ...options }, build);

const PAGE = { kind: "APP_PAGE" };
const hour = { cacheControl: { revalidate: 3600, expire: 86_400 } };
const stored = (count: number, prefix = "next:"): Promise<void> =>
  eventually(async () => expect(await listAll(rest.server.kv("test"), { prefix })).toHaveLength(count));

describe("what Next made", () => {
  test("comes back as it was, in another process", async () => {
    const values = {
      "/page": page("<p>hello</p>", "a", "b"),
      "/raw": { kind: "APP_ROUTE", body: Buffer.from([0, 255, 128]), status: 201, headers: { "content-type": "x/y" } },
      "/pages": { kind: "PAGES", html: "<p>", pageData: { $: "u8", list: [1, null] }, headers: {}, status: 200 },
      "/moved": { kind: "REDIRECT", props: { pageProps: { __N_REDIRECT: "/" } } },
      "/missing": null,
    };
    const one = open();
    for (const [key, value] of Object.entries(values)) await one.responses.set(key, value, hour);
    await stored(5);
    const other = open();
    for (const [key, value] of Object.entries(values)) {
      expect(await other.responses.get(key, PAGE)).toEqual({ lastModified: Date.now(), value, ...hour });
    }
  });

  test("has a key that fits, however long Next's is", async () => {
    const { responses } = open();
    await responses.set(`/${"ö".repeat(600)}`, page("long"), hour);
    await responses.set(`/${"ö".repeat(601)}`, page("longer"), hour);
    await stored(2);
    for (const { name } of await listAll(rest.server.kv("test"))) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(512);
    }
    const other = open();
    expect((await other.responses.get(`/${"ö".repeat(600)}`, PAGE))!.value).toMatchObject({ html: "long" });
  });

  test("pages are those of one build, data are everybody's", async () => {
    const { responses } = open();
    await responses.set("/", page("old"), hour);
    await responses.set("key", data("data"), { fetchCache: true, tags: [] });
    await stored(2);
    const next = open({}, "build-2");
    expect(await next.responses.get("/", PAGE)).toBeNull();
    expect((await next.responses.get("key", { kind: "FETCH" }))!.value).toMatchObject({ kind: "FETCH" });
  });
});

describe("tags", () => {
  test("what is invalidated is not served here from the call on, and elsewhere after tagTtl", async () => {
    const [one, other] = [open(), open()];
    await one.responses.set("/", page("old", "a"), hour);
    await one.responses.set("key", data("old"), { fetchCache: true, tags: ["a"] });
    await stored(2);
    expect(await other.responses.get("/", PAGE)).not.toBeNull();
    advance(1);
    const invalidated = one.responses.revalidateTag(["a", "b"]);
    expect(await one.responses.get("/", PAGE)).toBeNull();
    expect(await one.responses.get("key", { kind: "FETCH", tags: ["a"] })).toBeNull();
    await invalidated;
    expect(await other.responses.get("/", PAGE)).not.toBeNull();
    advance(10_000);
    expect(await other.responses.get("/", PAGE)).toBeNull();
    expect(await other.responses.get("key", { kind: "FETCH", tags: ["a"] })).toBeNull();
  });

  test("those of a path, with which data are asked for, are judged by the moment", async () => {
    const one = open();
    await one.responses.set("key", data("old"), { fetchCache: true, tags: [] });
    await stored(1);
    const context = { kind: "FETCH", tags: [], softTags: ["_N_T_/page"] };
    expect(await one.request().get("key", context)).not.toBeNull();
    advance(2_000);
    await one.responses.revalidateTag("_N_T_/page");
    advance(2_000);
    const maker = one.request();
    expect(await maker.get("key", context)).toBeNull();
    await maker.set("key", data("new"), { fetchCache: true, tags: [] });
    expect(await one.request().get("key", context)).not.toBeNull();
    expect(await open().responses.get("key", { ...context, softTags: [] })).not.toBeNull();
  });

  test("data that are stale are told to be, so that Next fetches them anew meanwhile", async () => {
    const one = open();
    await one.responses.set("key", data("old"), { fetchCache: true, tags: ["a"] });
    advance(1);
    await one.responses.revalidateTag("a", { expire: 3600 });
    const found = await one.responses.get("key", { kind: "FETCH", tags: ["a"] });
    expect(found!.lastModified).toBeLessThan(Date.now() - 0xfffffffe * 1000);
    advance(3_600_000);
    expect(await one.responses.get("key", { kind: "FETCH", tags: ["a"] })).toBeNull();
  });

  test("a page that is stale is handed over as one that is past its time, its tags and all", async () => {
    const one = open();
    const value = page("old", "a");
    await one.responses.set("/", value, { cacheControl: { revalidate: false, expire: 86_400 } });
    advance(1);
    await one.responses.revalidateTag("a", { expire: 3600 });
    const stale = { lastModified: Date.now() - 1, value, cacheControl: { revalidate: 1, expire: 86_400 } };
    expect(await one.responses.get("/", PAGE)).toEqual(stale);
    advance(3_600_000);
    expect(await one.responses.get("/", PAGE)).toBeNull();
  });

  test("what was made in ignorance of an invalidation is served by nobody who knows of it", async () => {
    const [one, ignorant] = [open(), open({ tagTtl: 600_000, ttl: 600_000 })];
    await one.responses.set("data", data("old"), { fetchCache: true, tags: ["a"] });
    await stored(1);
    const asked = { kind: "FETCH", tags: ["a"] };
    expect(await ignorant.responses.get("data", asked)).not.toBeNull();
    advance(5_000);
    await one.responses.revalidateTag("a");
    advance(5_000);
    // It makes a page, of the data that it believes: later than the invalidation.
    expect(await ignorant.responses.get("/", PAGE)).toBeNull();
    expect(await ignorant.responses.get("data", asked)).not.toBeNull();
    advance(5_000);
    await ignorant.responses.set("/", page("of old data", "a", "b"), hour);
    await stored(1, "next:page:");
    expect((await ignorant.responses.get("/", PAGE))!.value).toMatchObject({ html: "of old data" });
    expect(await one.responses.get("/", PAGE)).toBeNull();
    expect(await open().responses.get("/", PAGE)).toBeNull();
    // Who knows makes it anew, and that is good for all.
    const maker = one.request();
    expect(await maker.get("/", PAGE)).toBeNull();
    await maker.set("/", page("of new data", "a", "b"), hour);
    await eventually(async () =>
      expect((await open().responses.get("/", PAGE))?.value).toMatchObject({ html: "of new data" }),
    );
  });

  test("what is invalidated while it is made is not stored, whoever of several makers comes first", async () => {
    const one = open();
    const makers = [one.request(), one.request()];
    for (const maker of makers) expect(await maker.get("/", PAGE)).toBeNull();
    advance(5_000);
    await one.responses.revalidateTag("a");
    advance(5_000);
    for (const maker of makers) await maker.set("/", page("of old data", "a"), hour);
    // Of this one nothing is known but that it is done.
    await one.request().set("/", page("of old data", "a"), hour);
    const next = one.request();
    expect(await next.get("/", PAGE)).toBeNull();
    await next.set("/", page("of new data", "a"), hour);
    expect((await one.request().get("/", PAGE))!.value).toMatchObject({ html: "of new data" });
  });
});

describe("time", () => {
  test("a page that another instance made anew is found when this one's copy is due", async () => {
    const [one, other] = [open(), open()];
    const brief = { cacheControl: { revalidate: 10, expire: 86_400 } };
    await one.responses.set("/", page("old"), brief);
    await stored(1);
    await other.responses.get("/", PAGE);
    advance(11_000);
    await one.responses.set("/", page("new"), brief);
    await eventually(async () => {
      advance(1_001);
      expect((await other.responses.get("/", PAGE))!.value).toMatchObject({ html: "new" });
    });
  });
});

describe("requests", () => {
  test("data and tags are one request, whatever their number", async () => {
    const one = open();
    const keys = Array.from({ length: 10 }, (_, i) => `key-${i}`);
    await Promise.all(keys.map((key) => one.responses.set(key, data(key), { fetchCache: true, tags: [key] })));
    await stored(10);
    const other = open();
    rest.server.requests.reset();
    await Promise.all(
      keys.map((key) => other.responses.get(key, { kind: "FETCH", tags: [key], softTags: ["_N_T_/layout"] })),
    );
    expect(rest.server.requests.byRoute).toEqual({ "POST /:namespace/bulk/get": 1 });
  });

  test("a page is two when it is new to a process, then one a minute; its tags are one in ten seconds", async () => {
    await open().responses.set("/", page("hello", "a", "b"), hour);
    await stored(1);
    const one = open();
    rest.server.requests.reset();
    const requests = async (views: number): Promise<number> => {
      const before = rest.server.requests.total;
      for (let i = 0; i < views; i++) await one.responses.get("/", PAGE);
      return rest.server.requests.total - before;
    };
    expect(await requests(500)).toBe(2);
    advance(10_000);
    expect(await requests(500)).toBe(1);
    advance(50_000);
    expect(await requests(500)).toBe(1);
  });

  test("tags of pages in use are read together", async () => {
    const writer = open();
    const keys = Array.from({ length: 60 }, (_, i) => `/page-${i}`);
    await Promise.all(keys.map((key) => writer.responses.set(key, page(key, `tag:${key}`), hour)));
    await stored(60);
    const one = open();
    await Promise.all(keys.map((key) => one.responses.get(key, PAGE)));
    advance(10_000);
    rest.server.requests.reset();
    for (const key of keys) await one.responses.get(key, PAGE);
    expect(rest.server.requests.total).toBe(1);
  });
});
