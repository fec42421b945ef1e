import { KVTags, type TagRecord } from "@kvplug/cache/tags";
import { describe, expect, test } from "vitest";
import { useCachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";
import { overlaid } from "../support/overlaid.ts";

const MINUTE = 60_000;

const rest = useCachedRest();

/** In a process of its own, with copies. */
const cached = (): KVTags => new KVTags(rest.open());
/** In one without. */
const bare = (): KVTags => new KVTags(rest.open().backend);

describe.for([
  ["over a cache", cached],
  ["over a driver", bare],
] as const)("%s", ([, open]) => {
  test("what was made before an invalidation is expired, and what was made after it is not", async () => {
    const tags = open();
    expect(await tags.read(["one", "two"])).toEqual(
      new Map([
        ["one", {}],
        ["two", {}],
      ]),
    );
    const before = tags.seen(["one", "two"], tags.begin())!;
    expect(before).toEqual({ one: 0, two: 0 });
    expect(tags.judge(before)).toBe("fresh");
    const done = tags.invalidate(["one"]);
    expect(tags.judge(before)).toBe("expired");
    await done;
    const after = tags.seen(["one", "two"], tags.begin())!;
    expect(tags.judge(after)).toBe("fresh");

    const other = open();
    await other.read(["one", "two"]);
    expect([other.judge(before), other.judge(after)]).toEqual(["expired", "fresh"]);
  });

  test("what is stale for a time is expired after it, what is stale for good is not", async () => {
    const tags = open();
    await tags.read(["one", "two"]);
    const seen = tags.seen(["one"], tags.begin())!;
    const forGood = tags.seen(["two"], tags.begin())!;
    await tags.invalidate(["one"], { staleFor: 60 });
    await tags.invalidate(["two"], { staleFor: Number.POSITIVE_INFINITY });
    expect([tags.judge(seen), tags.judge(forGood)]).toEqual(["stale", "stale"]);
    rest.advance(MINUTE);
    const other = open();
    await other.read(["one", "two"]);
    for (const one of [tags, other]) expect([one.judge(seen), one.judge(forGood)]).toEqual(["expired", "stale"]);
    // Of the entries, only those from before.
    const after = other.seen(["one", "two"], other.begin())!;
    expect(other.judge(after)).toBe("fresh");
  });

  test("a process never knows less than it did, whatever KV says", async () => {
    const tags = open();
    await tags.read(["one"]);
    const before = tags.seen(["one"], tags.begin())!;
    await tags.invalidate(["one"]);
    await rest.elsewhere("kvplug:tag:one", null);
    rest.advance(MINUTE);
    await tags.read(["one"]);
    expect(tags.judge(before)).toBe("expired");
  });

  test("what KV holds and is no record is none", async () => {
    for (const text of ["no JSON", "null", "[]", '"text"', '{"expired":"1"}', '{"expired":-1,"expires":5}']) {
      await rest.elsewhere("kvplug:tag:one", text);
      expect(await open().read(["one"])).toEqual(new Map([["one", {}]]));
    }
  });
});

describe("what was known when a making began", () => {
  const begun = async (tags: KVTags): Promise<ReturnType<KVTags["begin"]>> => {
    await tags.read(["one"]);
    return tags.begin();
  };

  test("is not what this process invalidated since", async () => {
    const tags = cached();
    const since = await begun(tags);
    await tags.invalidate(["one"]);
    expect(tags.seen(["one"], since)).toBeUndefined();
    expect(tags.seen(["one"], tags.begin())).toEqual({ one: expect.any(Number) });
  });

  test("is not what a read found since", async () => {
    const tags = cached();
    await cached().invalidate(["one"]);
    await tags.read(["one"]);
    rest.advance(MINUTE);
    await cached().invalidate(["one"]);
    // Of this process, the copy is old, and the maker goes by it.
    const since = tags.begin();
    rest.advance(MINUTE);
    await tags.read(["one"]);
    expect(tags.seen(["one"], since)).toBeUndefined();
  });

  test("may be learned after it, where nothing was known, if it is older by more than clocks differ", async () => {
    await cached().invalidate(["one"]);
    for (const [later, expected] of [
      [1_000, undefined],
      [1, { one: expect.any(Number) }],
    ] as const) {
      rest.advance(later);
      const tags = cached();
      const since = tags.begin();
      await tags.read(["one", "never"]);
      expect(tags.seen(["one"], since)).toEqual(expected);
      expect(tags.seen(["never"], since)).toEqual({ never: 0 });
    }
  });

  test("is nothing where a tag was never read", () => {
    const tags = cached();
    expect(tags.seen(["one"], tags.begin())).toBeUndefined();
    expect(tags.isKnown(["one"])).toBe(false);
  });
});

test("an entry can be judged by a tag that is not stored with it, by the moment of its making", async () => {
  const tags = cached();
  await tags.read(["one", "path"]);
  const { at } = tags.begin();
  const seen = tags.seen(["one"], tags.begin())!;
  expect(tags.judge({ path: at, ...seen })).toBe("fresh");
  rest.advance(1);
  await tags.invalidate(["path"]);
  expect(tags.judge({ path: at, ...seen })).toBe("expired");
});

test("who invalidates is told, and whoever hears of it over the bus", async () => {
  const listeners = new Set<(message: unknown) => void>();
  const bus = {
    publish: (message: unknown) => listeners.forEach((listener) => listener(JSON.parse(JSON.stringify(message)))),
    subscribe: (listener: (message: unknown) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const heard: [string, ReadonlyMap<string, TagRecord>][] = [];
  const open = (name: string, prefix?: string): KVTags =>
    new KVTags(rest.open({ bus }), {
      ...(prefix !== undefined && { prefix }),
      onInvalidated: (records) => heard.push([name, records]),
    });
  const [here] = [open("here"), open("there"), open("others", "another:")];
  await here.invalidate(["one"], { staleFor: 60 });
  const records = new Map([["one", { stale: expect.any(Number), expires: expect.any(Number) }]]);
  expect(heard).toEqual([
    ["there", records],
    ["here", records],
  ]);
  // What is no news of tags does no harm.
  for (const tags of [
    1,
    {},
    { prefix: "kvplug:tag:" },
    { prefix: 1, records: {} },
    { prefix: "kvplug:tag:", records: { one: 1 } },
  ]) {
    bus.publish({ from: "another process", tags });
  }
  expect(here.judge({ one: Date.now() })).toBe("fresh");
});

test("a tag and an entry that are asked for in one turn are one request", async () => {
  const kv = rest.open();
  const tags = new KVTags(kv);
  await Promise.all([kv.get("entry"), tags.read(["one", "two"])]);
  expect(rest.wire.sent.map(({ route, keys }) => [route, keys])).toEqual([
    ["bulk/get", ["entry", "kvplug:tag:one", "kvplug:tag:two"]],
  ]);
});

test("a mistyped option, or one that cannot be, is refused", async () => {
  const { backend } = rest.open();
  const made = async (...given: ConstructorParameters<typeof KVTags>): Promise<KVTags> => new KVTags(...given);
  const refused = async (options: object): Promise<string> => (await errorOf(made(backend, options))).message;
  expect(await refused({ perfix: "" })).toContain("Did you mean prefix?");
  expect(await refused({ prefix: "" })).toContain("prefix");
  for (const maxEntryTtl of [59, 60.5, "60"]) expect(await refused({ maxEntryTtl })).toContain("maxEntryTtl");
  expect((await errorOf(made({} as never))).code).toBe("KV_INVALID");
});

test("an invalidation that KV does not show yet outlasts reads of any number of other tags", async () => {
  const { backend } = rest.open();
  const tags = new KVTags(overlaid(backend, { put: async () => {} }));
  await tags.read(["one"]);
  const before = tags.seen(["one"], tags.begin())!;
  await tags.invalidate(["one"]);
  const others = Array.from({ length: 10_001 }, (_, i) => `other-${i}`);
  await tags.read(others);
  await tags.read(["one"]);
  expect(tags.judge(before)).toBe("expired");
});

test("what was judged before its tag could be read makes no entry that counts as made in knowledge of it", async () => {
  await bare().invalidate(["one"]);
  rest.advance(MINUTE);
  const tags = bare();
  const since = tags.begin();
  expect(tags.judge({ one: 0 })).toBe("fresh");
  await tags.read(["one"]);
  expect(tags.seen(["one"], since)).toBeUndefined();
  expect(tags.judge({ one: 0 })).toBe("expired");
});
