import type { CacheBus, CacheEvent, CachedKV } from "@kvplug/cache";
import { CACHE_CHANNEL } from "@kvplug/cache";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { LOOK_AND_DELETE, type LookingDeleter } from "@kvplug/core/seam";
import { describe, expect, onTestFinished, test } from "vitest";
import { streamOf } from "../support/bytes.ts";
import { useCachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";
import { manyTurns } from "../support/turns.ts";
import { refusal } from "../support/wire.ts";

const MINUTE = 60_000;

const rest = useCachedRest();
const open: typeof rest.open = (options = {}, driver = {}) => rest.open({ tags: true, ...options }, driver);

/** A bus among the caches of this process, as JSON. */
function localBus(): CacheBus {
  const listeners = new Set<(message: unknown) => void>();
  return {
    publish: (message) => listeners.forEach((listener) => listener(JSON.parse(JSON.stringify(message)))),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A function for `wrap` that counts, and one that is held until it is told to end. */
function counting(): { make: () => Promise<number>; readonly made: number } {
  let made = 0;
  return {
    make: async () => ++made,
    get made() {
      return made;
    },
  };
}

function held(value: unknown): { make: () => Promise<unknown>; begun: Promise<void>; end: () => void } {
  const begun = Promise.withResolvers<void>();
  const made = Promise.withResolvers<unknown>();
  return {
    make: () => {
      begun.resolve();
      return made.promise;
    },
    begun: begun.promise,
    end: () => made.resolve(value),
  };
}

/** Every way to read a key, as text. */
const WAYS: [name: string, read: (kv: CachedKV, key: string) => Promise<string | null>][] = [
  ["get", (kv, key) => kv.get(key)],
  ["get json", async (kv, key) => (await kv.get<string>(key, "json")) && `"${await kv.get<string>(key, "json")}"`],
  ["get bytes", async (kv, key) => text(await kv.get(key, "arrayBuffer"))],
  ["get stream", async (kv, key) => text(await kv.get(key, "stream"))],
  ["getWithMetadata", async (kv, key) => (await kv.getWithMetadata(key)).value],
  ["getWithMetadata stream", async (kv, key) => text((await kv.getWithMetadata(key, "stream")).value)],
  ["get(keys)", async (kv, key) => (await kv.get([key, "another"])).get(key)!],
  ["getWithMetadata(keys)", async (kv, key) => (await kv.getWithMetadata([key, "another"])).get(key)!.value],
];

async function text(body: ArrayBuffer | ReadableStream | null): Promise<string | null> {
  return body === null ? null : new Response(body).text();
}

describe.for(WAYS)("%s", ([, read]) => {
  test("finds an entry until one of its tags is invalidated, here and elsewhere", async () => {
    const [kv, other] = [open(), open()];
    await kv.put("a", '"value"', { tags: ["one", "two"] });
    await kv.put("b", '"value"', { tags: ["three"] });
    for (const cache of [kv, other, open()]) expect(await read(cache, "a")).toBe('"value"');

    await kv.invalidateTags(["two"]);
    expect(await read(kv, "a")).toBeNull();
    expect(await read(kv, "b")).toBe('"value"');
    expect(await read(open(), "a")).toBeNull();
    // Where copies are, they are believed for their time.
    expect(await read(other, "a")).toBe('"value"');
    rest.advance(MINUTE);
    expect(await read(other, "a")).toBeNull();

    await other.put("a", '"new"', { tags: ["two"] });
    expect(await read(other, "a")).toBe('"new"');
    expect(await read(open(), "a")).toBe('"new"');
  });

  test("does not find it from the call of invalidateTags on", async () => {
    const kv = open();
    await kv.put("a", '"value"', { tags: ["one"] });
    const done = kv.invalidateTags(["one"]);
    expect(await read(kv, "a")).toBeNull();
    await done;
  });

  test("does not find it when the read was under way by then", async () => {
    await open().put("a", '"value"', { tags: ["one"] });
    const kv = open();
    const { promise, resolve } = Promise.withResolvers<void>();
    rest.wire.answersWaitFor = promise;
    const reading = read(kv, "a");
    await manyTurns();
    const done = kv.invalidateTags(["one"]);
    rest.wire.answersWaitFor = undefined;
    resolve();
    expect(await reading).toBeNull();
    await done;
    expect(await read(kv, "a")).toBeNull();
  });
});

describe("an entry with tags", () => {
  test("is as it was written for those who know no tags, and tells them in its metadata", async () => {
    await open().put("a", "value", { tags: ["one"], metadata: { by: "Ada" } });
    expect(await rest.store.getWithMetadata("a")).toMatchObject({
      value: "value",
      metadata: { by: "Ada", "kvplug:tags": { one: 0 } },
    });
  });

  test.for([undefined, {}, { by: "Ada" }])("has the metadata that it was written with: %j", async (metadata) => {
    const kv = open();
    await kv.put("a", "value", { tags: ["one"], metadata });
    const expected = metadata?.by ? metadata : null;
    expect((await kv.getWithMetadata("a")).metadata).toEqual(expected);
    for (const type of ["text", "stream"] as const) {
      const other = open();
      expect((await other.getWithMetadata("a", { type } as { type: "text" })).metadata).toEqual(expected);
    }
  });

  test("may be a stream", async () => {
    const kv = open();
    await kv.put("a", streamOf(new TextEncoder().encode("value")), { tags: ["one"] });
    expect(await kv.get("a")).toBe("value");
    await kv.invalidateTags(["one"]);
    expect(await kv.get("a")).toBeNull();
  });

  test("lives for maxEntryTtl, a year by default, and no longer", async () => {
    const seconds = (): number => Math.floor(Date.now() / 1000);
    const year = 31_536_000;
    await open().put("a", "value", { tags: ["one"] });
    expect((await rest.store.getWithMetadata("a")).expiration).toBe(seconds() + year);
    await open().put("a", "value", { tags: ["one"], expirationTtl: 60 });
    expect((await rest.store.getWithMetadata("a")).expiration).toBe(seconds() + 60);

    const kv = open({ tags: { maxEntryTtl: 3600 } });
    const expected = { code: "KV_LIMIT", key: "a", limit: 3600, actual: 3601 };
    expect(await errorOf(kv.put("a", "value", { tags: ["one"], expirationTtl: 3601 }))).toMatchObject(expected);
    expect(await errorOf(kv.put("a", "value", { tags: ["one"], expiration: seconds() + 3601 }))).toMatchObject(
      expected,
    );
    expect(await errorOf(kv.wrap("a", () => 1, { tags: ["one"], ttl: 3_600_000 }))).toMatchObject(expected);
    // What has no tags lives for as long as it likes.
    await kv.put("a", "value", { expirationTtl: 3601 });
  });

  test("has room for 30 tags of 16 characters, and not for 31, whatever is known of them", async () => {
    const kv = open();
    const tags = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`.padStart(16, "-"));
    await kv.put("a", "value", { tags: tags(30) });
    await kv.invalidateTags(tags(30));
    await kv.put("a", "value", { tags: tags(30) });
    expect(await kv.get("a")).toBe("value");
    const error = await errorOf(kv.put("a", "value", { tags: tags(31) }));
    expect(error).toMatchObject({ code: "KV_LIMIT", limit: 1024, key: "a" });
    expect(error.message).toContain("31 tags");
  });

  test("may have tags of any length and any characters", async () => {
    const kv = open();
    const tags = ["é".repeat(300), "__proto__", "constructor", "a b/c\n", "10"];
    await kv.put("a", "value", { tags });
    for (const tag of tags) {
      const other = open();
      expect(await other.get("a")).toBe("value");
      await open().invalidateTags([tag]);
      expect(await open().get("a")).toBeNull();
      rest.advance(1);
      await open().put("a", "value", { tags });
    }
  });

  test("that is written while its tags are asked for is read from the call on, and is not overtaken", async () => {
    await open().invalidateTags(["one"]);
    const kv = open();
    rest.advance(2_000);
    const puts = [kv.put("a", "first", { tags: ["one"] }), kv.put("a", "second")];
    expect(await kv.get("a")).toBe("second");
    await Promise.all(puts);
    expect(await rest.stored("a")).toBe("second");

    const bytes = Uint8Array.from([1]);
    const metadata = { n: 1 };
    const put = open().put("b", bytes, { tags: ["one"], metadata });
    bytes[0] = metadata.n = 2;
    await put;
    const { value, ...others } = await rest.store.getWithMetadata("b", "arrayBuffer");
    expect([[...new Uint8Array(value!)], others.metadata]).toMatchObject([[1], { n: 1 }]);
  });

  test("is not written where its tags cannot be read", async () => {
    const kv = open();
    rest.wire.instead = ({ route }) => (route === "bulk/get" || route.includes("kvplug") ? refusal(500) : undefined);
    expect(await errorOf(kv.put("a", "value", { tags: ["one"] }))).toMatchObject({ code: "KV_API" });
    rest.recover();
    expect([await kv.get("a"), await rest.stored("a")]).toEqual([null, null]);
  });

  test("tells who looks before a delete what it tells others", async () => {
    await open().put("a", "value", { tags: ["one"], metadata: { by: "Ada" } });
    const look = async (kv: object): Promise<unknown> => {
      const { looked, deleted } = (kv as LookingDeleter)[LOOK_AND_DELETE]("a");
      await deleted;
      return looked;
    };
    expect(await look(open())).toMatchObject({ metadata: { by: "Ada" } });
    await open().put("a", "value", { tags: ["one"] });
    await open().invalidateTags(["one"]);
    expect(await look(open())).toBeNull();
  });

  test("that was being written when its tag was invalidated is not good", async () => {
    for (const isKnown of [true, false]) {
      const kv = open();
      if (isKnown) await kv.put("b", "value", { tags: ["one"] });
      const done = [kv.put("a", "value", { tags: ["one"] }), kv.invalidateTags(["one"])];
      expect(await kv.get("a")).toBeNull();
      await Promise.all(done);
      expect(await kv.get("a")).toBeNull();
      expect(await open().get("a")).toBeNull();
    }
  });
});

describe("wrap", () => {
  test("makes a value anew when one of its tags is invalidated", async () => {
    const [kv, { make }] = [open(), counting()];
    const wrap = (cache: CachedKV): Promise<number> =>
      cache.wrap("a", make, { tags: ["one", "two"], ttl: 10 * MINUTE });
    expect([await wrap(kv), await wrap(kv), await wrap(open())]).toEqual([1, 1, 1]);
    await kv.invalidateTags(["two"]);
    expect([await wrap(kv), await wrap(kv), await wrap(open())]).toEqual([2, 2, 2]);
    await open().invalidateTags(["one"]);
    expect([await wrap(open()), await wrap(kv)]).toEqual([3, 2]);
    rest.advance(MINUTE);
    expect(await wrap(kv)).toBe(3);
  });

  test("stores nothing that was made while one of its tags was invalidated, and nobody joins it", async () => {
    const bus = localBus();
    const [kv, other] = [open({ bus }), open({ bus })];
    for (const by of [kv, other]) {
      const old = held("old");
      const wrapping = kv.wrap("a", old.make, { tags: ["one"] });
      await old.begun;
      await by.invalidateTags(["one"]);
      const next = kv.wrap("a", () => "new", { tags: ["one"] });
      old.end();
      expect([await wrapping, await next]).toEqual(["old", "new"]);
      expect(await kv.get("a", "json")).toBe("new");
      expect(await open().get("a", "json")).toBe("new");
      await kv.delete("a");
    }
  });

  test("hands out what is stale, once, while it is made anew", async () => {
    const kv = open();
    const { make } = counting();
    const wrap = (cache: CachedKV): Promise<number> => cache.wrap("a", make, { tags: ["one"] });
    await wrap(kv);
    await kv.invalidateTags(["one"], { staleFor: Number.POSITIVE_INFINITY });
    expect(await kv.get("a")).toBe("1");
    expect(await wrap(kv)).toBe(1);
    await rest.until(rest.sent(rest.wire.sent.length + 1));
    await manyTurns();
    expect(await wrap(kv)).toBe(2);
    expect(kv.stats().stale).toBe(1);
  });

  test("makes a value where nothing can be learned of its tags, and does not store it", async () => {
    rest.fail();
    const kv = open({ deadline: 1_000 });
    expect(await rest.until(kv.wrap("a", () => "made", { tags: ["one"] }))).toBe("made");
    rest.recover();
    expect(await rest.stored("a")).toBeNull();
  });
});

describe("what is stale", () => {
  test("is served for staleFor seconds, and then no more", async () => {
    const kv = open();
    await kv.put("a", "value", { tags: ["one"] });
    await kv.invalidateTags(["one"], { staleFor: 10 });
    expect(await kv.get("a")).toBe("value");
    expect(await open().get("a")).toBe("value");
    rest.advance(10_000);
    expect(await kv.get("a")).toBeNull();
    expect(await open().get("a")).toBeNull();
  });

  test("is not served where an earlier invalidation says so", async () => {
    await open().put("a", "value", { tags: ["one"] });
    await open().invalidateTags(["one"]);
    await open().invalidateTags(["one"], { staleFor: 1000 });
    expect(await open().get("a")).toBeNull();
    await open().put("b", "value", { tags: ["one"] });
    await open().invalidateTags(["one"], { staleFor: 10 });
    rest.advance(5_000);
    await open().invalidateTags(["one"], { staleFor: 1000 });
    rest.advance(5_000);
    expect(await open().get("b")).toBeNull();
    await open().put("c", "value", { tags: ["one"] });
    await open().invalidateTags(["one"], { staleFor: 10 });
    rest.advance(10_000);
    await open().invalidateTags(["one"], { staleFor: 1000 });
    expect(await open().get("c")).toBeNull();
  });
});

test("a value of wrap that is being made is not for those who know of an invalidation that its maker did not", async () => {
  const [kv, other] = [open(), open()];
  const old = held("old");
  const first = kv.wrap("a", old.make, { tags: ["one"] });
  await old.begun;
  await other.invalidateTags(["one"]);
  await other.put("b", "value", { tags: ["one"] });
  rest.advance(MINUTE);
  // It learns of the invalidation by a read.
  expect(await kv.get("b")).toBe("value");
  expect(await kv.wrap("a", () => "new", { tags: ["one"] })).toBe("new");
  old.end();
  expect(await first).toBe("old");
  expect([await kv.get("a", "json"), await open().get("a", "json")]).toEqual(["new", "new"]);
});

describe("invalidations", () => {
  test("go to other processes at once, over the bus, though KV still shows them what was there before", async () => {
    const bus = localBus();
    const [kv, other] = [open({ bus }), open({ bus })];
    await kv.put("a", "value", { tags: ["one"] });
    expect(await other.get("a")).toBe("value");
    // Nothing comes to KV.
    rest.fail();
    const failing = kv.invalidateTags(["one"]).catch(() => {});
    rest.recover();
    expect(await other.get("a")).toBeNull();
    await failing;
  });

  test("are told as events", async () => {
    const seen: CacheEvent[] = [];
    const note = (event: unknown): void => void seen.push(event as CacheEvent);
    subscribe(CACHE_CHANNEL, note);
    onTestFinished(() => void unsubscribe(CACHE_CHANNEL, note));
    const bus = localBus();
    const [kv] = [open({ bus }), open({ bus })];
    await kv.invalidateTags(["one", "two"]);
    const told = seen.filter((event) => event.type === "invalidate" && event.tags !== undefined);
    expect(told).toEqual([true, false].map((remote) => ({ type: "invalidate", tags: ["one", "two"], remote })));
  });

  test("are not lost in one millisecond, or where the clock is set back", async () => {
    const kv = open();
    for (let i = 0; i < 3; i++) {
      await kv.put("a", `${i}`, { tags: ["one"] });
      await kv.invalidateTags(["one"]);
      expect(await kv.get("a")).toBeNull();
      expect(await open().get("a")).toBeNull();
      rest.setClock(-MINUTE);
    }
  });

  test("hold where another clock is ahead", async () => {
    await open().invalidateTags(["one"]);
    rest.setClock(-MINUTE);
    await open().put("a", "value", { tags: ["one"] });
    await open().invalidateTags(["one"]);
    expect(await open().get("a")).toBeNull();
  });

  test("that KV does not take hold in this process all the same", async () => {
    const kv = open();
    await kv.put("a", "value", { tags: ["one"] });
    rest.fail();
    expect(await errorOf(kv.invalidateTags(["one"]))).toMatchObject({ code: "KV_API", httpStatus: 500 });
    rest.recover();
    expect(await kv.get("a")).toBeNull();
    expect(await open().get("a")).toBe("value");
  });

  test("outlive the entries that they are about by a day", async () => {
    await open({ tags: { maxEntryTtl: 3600 } }).invalidateTags(["one"]);
    const { expiration } = await rest.store.getWithMetadata("kvplug:tag:one");
    expect(expiration).toBe(Math.floor(Date.now() / 1000) + 3600 + 86_400);
  });

  test("of tags under another prefix are others", async () => {
    const kv = open();
    await kv.put("a", "value", { tags: ["one"] });
    await open({ tags: { prefix: "other:" } }).invalidateTags(["one"]);
    expect(await open().get("a")).toBe("value");
    expect(await rest.stored("other:one")).not.toBeNull();
  });
});

describe("what was made of something stale", () => {
  /** A page for two tags, made of a part for one of them. */
  const ttl = 10 * MINUTE;
  const part = (kv: CachedKV, data: { n: number }): Promise<number> =>
    kv.wrap("part", () => data.n, { tags: ["a"], ttl });
  const page = (kv: CachedKV, data: { n: number }): Promise<number> =>
    kv.wrap("page", () => part(kv, data), { tags: ["a", "b"], ttl });

  test("is not good for ever, though its maker knew of no invalidation", async () => {
    const data = { n: 1 };
    const [here, there] = [open(), open()];
    await page(here, data);
    await Promise.all([page(there, data), part(there, data)]);

    data.n = 2;
    await here.invalidateTags(["a"]);
    expect(await page(here, data)).toBe(2);
    // Its copies are not a minute old: it makes the page anew, of a part that was invalidated, and stores it over the good one.
    await there.invalidateTags(["b"]);
    expect(await page(there, data)).toBe(1);
    expect(await rest.stored("page")).toBe("1");

    rest.advance(MINUTE);
    for (const kv of [here, there, open()]) expect(await page(kv, data)).toBe(2);
  });
});

describe("what it costs", () => {
  const requests = async (work: () => Promise<unknown>): Promise<number> => {
    rest.server.requests.reset();
    await work();
    return rest.server.requests.total;
  };

  test("a first read of an entry: one request, and one more for its tags; none for a minute; then one for both", async () => {
    await open().put("a", "value", { tags: ["one", "two"] });
    const kv = open();
    expect(await requests(() => kv.get("a"))).toBe(2);
    expect(await requests(() => Promise.all(Array.from({ length: 1000 }, () => kv.get("a"))))).toBe(0);
    rest.advance(MINUTE);
    expect(await requests(() => kv.get("a"))).toBe(1);
  });

  test("a value of wrap that is there: one request for it and its tags", async () => {
    await open().wrap("a", () => 1, { tags: ["one", "two"] });
    const kv = open();
    expect(await requests(() => kv.wrap("a", () => 2, { tags: ["one", "two"] }))).toBe(1);
    // And one that is not there: that, and the write.
    expect(await requests(() => open().wrap("b", () => 2, { tags: ["one", "two"] }))).toBe(2);
  });

  test("entries of one tag share what is known of it", async () => {
    const keys = Array.from({ length: 100 }, (_, i) => `key ${i}`);
    const kv = open();
    await Promise.all(keys.map((key) => kv.put(key, "value", { tags: ["all"] })));
    const other = open();
    expect(await requests(() => other.get(keys))).toBe(2);
    expect(await requests(() => other.get(keys))).toBe(0);
    rest.advance(MINUTE);
    // 101 keys.
    expect(await requests(() => other.get(keys))).toBe(2);
  });

  test("a put: a read of its tags where they are not known, and a write", async () => {
    const kv = open();
    expect(await requests(() => kv.put("a", "value", { tags: ["one", "two"] }))).toBe(2);
    expect(await requests(() => kv.put("b", "value", { tags: ["one", "two"] }))).toBe(1);
  });

  test("a first read of bytes: as many requests as one of text, and one more", async () => {
    await open().put("a", Uint8Array.from([0xff]), { tags: ["one"] });
    expect(await requests(() => rest.open().get("a", "arrayBuffer"))).toBe(1);
    expect(await requests(() => open().get("a", "arrayBuffer"))).toBe(3);
  });

  test("what was invalidated is asked for once in ttl", async () => {
    const kv = open();
    await kv.put("a", "value", { tags: ["one"] });
    await kv.invalidateTags(["one"]);
    expect(await requests(() => kv.get("a"))).toBe(1);
    expect(await requests(() => kv.get("a"))).toBe(0);
  });

  test("a hundred invalidations of a tag in a second: a read and two writes", async () => {
    // As Cloudflare has it: a key is written once a second.
    const kv = open({}, { writeInterval: 1_000 });
    const all: Promise<void>[] = [];
    const before = rest.wire.sent.length;
    for (let i = 0; i < 100; i++) {
      all.push(kv.invalidateTags(["one"]));
      if (i === 0) await all[0];
      rest.advance(9);
      await manyTurns();
    }
    await rest.until(Promise.all(all));
    const sent = rest.wire.sent.slice(before).map(({ method }) => method);
    expect(sent.filter((method) => method === "PUT").length).toBeLessThanOrEqual(3);
    expect(sent.filter((method) => method !== "PUT")).toHaveLength(1);
  });
});

describe("the records of tags", () => {
  test("carry no tags themselves, which would be to judge a tag by itself", async () => {
    const kv = open();
    const key = "kvplug:tag:one";
    for (const call of [kv.put(key, "1", { tags: ["one"] }), kv.wrap(key, () => 1, { tags: ["one"] })]) {
      expect(await errorOf(call)).toMatchObject({ code: "KV_INVALID", key });
    }
    // Whatever another hand wrote there.
    await rest.elsewhere(key, "1", { metadata: { "kvplug:tags": { one: 0 } } });
    await rest.elsewhere("a", "value", { metadata: { "kvplug:tags": { one: 0 } } });
    expect([await kv.get(key), await kv.get("a")]).toEqual(["1", "value"]);
    expect([await kv.get(key), await kv.get("a")]).toEqual(["1", "value"]);
  });

  test("that are not there are known for ttl, though other keys that are not there are not", async () => {
    const kv = open({ negativeTtl: 0 });
    await rest.elsewhere("a", "value", { metadata: { "kvplug:tags": { one: 0 } } });
    await kv.get("a");
    rest.server.requests.reset();
    await kv.get("a");
    expect(rest.server.requests.total).toBe(0);
  });
});

describe("no tags at all", () => {
  test("are as none", async () => {
    const kv = open();
    await kv.put("a", "value", { tags: [], metadata: "text" });
    await kv.wrap("b", () => 1, { tags: [] });
    await kv.invalidateTags([]);
    expect(await rest.store.getWithMetadata("a")).toMatchObject({ value: "value", metadata: "text" });
    expect((await rest.store.getWithMetadata("a")).expiration).toBeUndefined();
    expect([await kv.get("a"), await kv.get("b")]).toEqual(["value", "1"]);
  });
});

describe("without the option", () => {
  test("tags are refused, and what has some is read as it is", async () => {
    const kv = rest.open();
    for (const call of [
      kv.put("a", "value", { tags: ["one"] }),
      kv.wrap("a", () => 1, { tags: ["one"] }),
      kv.invalidateTags(["one"]),
    ]) {
      expect(await errorOf(call)).toMatchObject({ code: "KV_INVALID", message: expect.stringContaining("tags: true") });
    }
    await open().put("a", "value", { tags: ["one"] });
    expect(await kv.getWithMetadata("a")).toMatchObject({ value: "value", metadata: { "kvplug:tags": { one: 0 } } });
  });
});

describe("what can be no tag is refused", () => {
  test.for([["one"], [[1]], [[""]], [["\ud800"]], [null]] as const)("%j", async ([tags]) => {
    const kv = open();
    const given = tags as unknown as string[];
    expect((await errorOf(kv.invalidateTags(given))).code).toBe("KV_INVALID");
    expect((await errorOf(kv.put("a", "value", { tags: given }))).code).toBe("KV_INVALID");
    expect((await errorOf(kv.wrap("a", () => 1, { tags: given }))).code).toBe("KV_INVALID");
    expect(rest.wire.sent).toEqual([]);
  });

  test("metadata that is no object beside them, and terms that cannot be", async () => {
    const kv = open();
    for (const metadata of ["text", 1, ["array"]]) {
      expect(await errorOf(kv.put("a", "value", { tags: ["one"], metadata }))).toMatchObject({ code: "KV_INVALID" });
    }
    for (const staleFor of [-1, 0.5, Number.NaN, "1" as unknown as number]) {
      expect(await errorOf(kv.invalidateTags(["one"], { staleFor }))).toMatchObject({ code: "KV_INVALID" });
    }
  });
});
