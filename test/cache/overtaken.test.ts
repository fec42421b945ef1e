import type { CachedKV, CacheBus } from "@kvplug/cache";
import { describe, expect, test } from "vitest";
import { streamOf } from "../support/bytes.ts";
import { useCachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";

const MINUTE = 60_000;

/** A bus on which another process can be heard. */
class OtherProcess implements CacheBus {
  readonly #listeners = new Set<(message: unknown) => void>();
  publish(): void {}
  subscribe(listener: (message: unknown) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
  says(message: { keys: string[] } | { prefix: string }): void {
    for (const listener of this.#listeners) listener({ from: "another process", ...message });
  }
}

/** A function for `wrap` that ends when it is told to. */
function heldFactory(value: unknown): { factory: () => Promise<unknown>; begun: Promise<void>; end(): void } {
  const begun = Promise.withResolvers<void>();
  const made = Promise.withResolvers<unknown>();
  return {
    factory: () => {
      begun.resolve();
      return made.promise;
    },
    begun: begun.promise,
    end: () => made.resolve(value),
  };
}

const rest = useCachedRest();
const bus = new OtherProcess();
const theirs = (): Promise<void> => rest.elsewhere("a", '"theirs"');

/** What overtakes that which began before, and what is there afterwards, in the cache and in KV. */
const EVENTS: [name: string, happen: (kv: CachedKV) => Promise<unknown>, left: string | null][] = [
  ["a put", (kv) => kv.put("a", '"put"'), '"put"'],
  ["a put of a stream", (kv) => kv.put("a", streamOf(Buffer.from('"streamed"'))), '"streamed"'],
  ["a delete", (kv) => kv.delete("a"), null],
  ["invalidate(key)", async (kv) => (await theirs(), kv.invalidate("a")), '"theirs"'],
  ["invalidate(keys)", async (kv) => (await theirs(), kv.invalidate(["b", "a"])), '"theirs"'],
  ["invalidate({ prefix })", async (kv) => (await theirs(), kv.invalidate({ prefix: "" })), '"theirs"'],
  ["clearLocal", async (kv) => (await theirs(), kv.clearLocal()), '"theirs"'],
  ["a message about the key", async () => (await theirs(), bus.says({ keys: ["a"] })), '"theirs"'],
  ["a message about a prefix", async () => (await theirs(), bus.says({ prefix: "a" })), '"theirs"'],
];

describe.for(EVENTS)("%s overtakes", ([, happen, left]) => {
  /** A read that the server has answered, and whose answer has yet to arrive. */
  async function late<Found>(read: () => Promise<Found>): Promise<{ reading: Promise<Found>; arrive: () => void }> {
    const { answered } = rest.wire;
    const { promise, resolve } = Promise.withResolvers<void>();
    rest.wire.answersWaitFor = promise;
    const reading = read();
    await eventually(() => expect(rest.wire.answered).toBe(answered + 1));
    rest.wire.answersWaitFor = undefined;
    return { reading, arrive: resolve };
  }

  const isLeft = async (kv: CachedKV): Promise<void> => {
    expect(await kv.get("a")).toBe(left);
    expect(await rest.stored("a")).toBe(left);
    expect(await kv.get("a", "arrayBuffer")).toEqual(left === null ? null : new TextEncoder().encode(left).buffer);
  };

  test.for([
    ["a read", (kv) => kv.get("a")],
    ["a read of bytes", (kv) => kv.get("a", "arrayBuffer")],
    ["a read of many keys", (kv) => kv.get(["a", "b"])],
  ] as [name: string, read: (kv: CachedKV) => Promise<unknown>][])(
    "%s, of what is there and of what is not",
    async ([, read]) => {
      for (const before of ['"old"', null]) {
        const kv = rest.open({ bus });
        await rest.elsewhere("a", before);
        const { reading, arrive } = await late(() => read(kv));
        await happen(kv);
        arrive();
        await reading;
        await isLeft(kv);
      }
    },
  );

  test("a refresh in the background", async () => {
    const kv = rest.open({ bus, staleWhileRevalidate: MINUTE });
    await rest.elsewhere("a", '"old"');
    await kv.get("a");
    rest.advance(MINUTE);
    const { reading, arrive } = await late(() => kv.get("a"));
    expect(await reading).toBe('"old"');
    await happen(kv);
    arrive();
    // Another read of the driver ends after it.
    await kv.get("b");
    await isLeft(kv);
  });

  test("a value that is made", async () => {
    const kv = rest.open({ bus });
    const held = heldFactory("made");
    const wrapped = kv.wrap("a", held.factory);
    await held.begun;
    await happen(kv);
    held.end();
    expect(await wrapped).toBe("made");
    await isLeft(kv);
  });

  test("a value that is made once the read before it has ended", async () => {
    const kv = rest.open({ bus });
    const { reading, arrive } = await late(() => kv.wrap("a", () => "made"));
    await happen(kv);
    arrive();
    await reading;
    await isLeft(kv);
  });

  test("a value that is made in the background", async () => {
    const kv = rest.open({ bus });
    await kv.wrap("a", () => "old", { ttl: 10_000 });
    const held = heldFactory("refreshed");
    expect(await kv.wrap("a", held.factory, { ttl: 10_000, refreshThreshold: 10_000 })).toBe("old");
    await held.begun;
    await happen(kv);
    held.end();
    await kv.get("b");
    await isLeft(kv);
  });

  test("a value that is made: who comes later does not join it", async () => {
    const kv = rest.open({ bus });
    const first = heldFactory("first");
    const wrapped = kv.wrap("a", first.factory);
    await first.begun;
    await happen(kv);
    const expected: unknown = left === null ? "second" : JSON.parse(left);
    expect(await kv.wrap("a", () => "second")).toBe(expected);
    first.end();
    expect(await wrapped).toBe("first");
    expect(await kv.get("a", "json")).toBe(expected);
    expect(await rest.stored("a")).toBe(JSON.stringify(expected));
  });
});

describe("writes under way", () => {
  test.for([
    ["invalidate", (kv: CachedKV) => kv.invalidate("a")],
    ["clearLocal", (kv: CachedKV) => kv.clearLocal()],
    ["a message about the key", () => bus.says({ keys: ["a"] })],
    ["a message about a prefix", () => bus.says({ prefix: "" })],
  ] as const)("are not kept as copies where %s came before they were confirmed", async ([, forget]) => {
    const kv = rest.open({ bus });
    rest.wire.hold();
    const put = kv.put("a", "mine");
    forget(kv);
    expect(await kv.get("a")).toBe("mine");
    rest.wire.release();
    await put;
    await theirs();
    expect(await kv.get("a")).toBe('"theirs"');
  });

  test("that fail overtake what began before: they may have taken effect", async () => {
    const held = heldFactory("made");
    const wrapped = rest.kv.wrap("a", held.factory);
    await held.begun;
    rest.fail();
    expect(await errorOf(rest.kv.put("a", "1"))).toMatchObject({ code: "KV_API" });
    rest.recover();
    held.end();
    expect(await wrapped).toBe("made");
    expect(await rest.stored("a")).toBeNull();
    expect(await rest.kv.wrap("a", () => "again")).toBe("again");
  });
});

test("a thousand who asked before a delete share one factory, and those who ask after it share another", async () => {
  let made = 0;
  const held = [heldFactory("first"), heldFactory("second")] as const;
  const ask = (): Promise<unknown[]> =>
    Promise.all(Array.from({ length: 1000 }, () => rest.kv.wrap("a", () => held[made++]!.factory())));
  const first = ask();
  await held[0].begun;
  await rest.kv.delete("a");
  const second = ask();
  await held[1].begun;
  held[1].end();
  expect(new Set(await second)).toEqual(new Set(["second"]));
  held[0].end();
  expect(new Set(await first)).toEqual(new Set(["first"]));
  expect(made).toBe(2);
  expect(await rest.stored("a")).toBe('"second"');
});

test("of two reads the later one is kept, whichever answers first", async () => {
  await rest.elsewhere("a", "old");
  const { promise, resolve: arrive } = Promise.withResolvers<void>();
  rest.wire.answersWaitFor = promise;
  const { answered } = rest.wire;
  const first = rest.kv.get("a");
  await eventually(() => expect(rest.wire.answered).toBe(answered + 1));
  rest.wire.answersWaitFor = undefined;
  await rest.elsewhere("a", "new");
  // Text does not do for it.
  expect(Buffer.from((await rest.kv.get("a", "arrayBuffer"))!).toString()).toBe("new");
  arrive();
  expect(await first).toBe("old");
  expect(await rest.kv.get("a")).toBe("new");
});

test("a stale copy is not handed out that was deleted while the backend was asked", async () => {
  const kv = rest.open({ staleIfError: MINUTE, circuit: false });
  await rest.elsewhere("a", "old");
  await kv.get("a");
  rest.advance(MINUTE);
  rest.wire.hold();
  const reading = kv.get("a");
  await rest.sent(2);
  rest.wire.instead = ({ route }) => (route === "bulk/get" ? Response.json({}, { status: 500 }) : undefined);
  const deleted = kv.delete("a");
  rest.wire.release();
  await deleted;
  expect(await reading).toBeNull();
});
