import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withCache, type CachedKV } from "@kvplug/cache";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { useCachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";
import { silentKV } from "../support/silent-kv.ts";
import { manyTurns } from "../support/turns.ts";
import { refusal } from "../support/wire.ts";

const MINUTE = 60_000;

const READS: [name: string, read: (kv: CachedKV, options?: { deadline: number }) => Promise<unknown>][] = [
  ["get", (kv, options) => kv.get("a", options)],
  ["get of bytes", (kv, options) => kv.get("a", { type: "arrayBuffer", ...options })],
  ["get of a stream", (kv, options) => kv.get("a", { type: "stream", ...options })],
  ["getWithMetadata", (kv, options) => kv.getWithMetadata("a", options)],
  ["getWithMetadata of a stream", (kv, options) => kv.getWithMetadata("a", { type: "stream", ...options })],
  ["get(keys)", (kv, options) => kv.get(["a", "b"], options)],
  ["getWithMetadata(keys)", (kv, options) => kv.getWithMetadata(["a", "b"], options)],
];

/** From now on time passes when it is told to. */
function useFakeTime(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  onTestFinished(() => void vi.useRealTimers());
}

/** Whether a promise has settled by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  const settle = (): void => void (isSettled = true);
  promise.then(settle, settle);
  await new Promise((resolve) => setImmediate(resolve));
  return isSettled;
}

describe.for(READS)("a backend that is silent, and %s", ([, read]) => {
  test("fails after five seconds by default", async () => {
    useFakeTime();
    const outcome = errorOf(read(withCache(silentKV(), { max: 10 })));
    vi.advanceTimersByTime(4_999);
    expect(await settled(outcome)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await outcome).toMatchObject({ code: "KV_TIMEOUT", key: "a" });
    expect((await outcome).message).toBe('The deadline of 5000 ms passed before the value of "a" arrived.');
  });

  test("fails after the deadline that the cache was given, or the call", async () => {
    useFakeTime();
    const kv = withCache(silentKV(), { max: 10, deadline: 300 });
    const [cache, short, long] = [undefined, { deadline: 100 }, { deadline: 1000 }].map((call) =>
      errorOf(read(kv, call)),
    );
    const ends: boolean[][] = [];
    for (let time = 0; time <= 1000; time += 100) {
      ends.push(await Promise.all([cache!, short!, long!].map(settled)));
      vi.advanceTimersByTime(100);
    }
    const times = [0, 1, 2].map((i) => ends.findIndex((end) => end[i]));
    expect(times).toEqual([3, 1, 10]);
  });

  test("waits for good where it is told to", async () => {
    useFakeTime();
    const outcome = errorOf(read(withCache(silentKV(), { max: 10, deadline: Number.POSITIVE_INFINITY })));
    vi.advanceTimersByTime(24 * 60 * MINUTE);
    expect(await settled(outcome)).toBe(false);
  });
});

describe("a read of a silent backend", () => {
  test("is not joined by who comes after its deadline, nor by who waits longer than it", async () => {
    useFakeTime();
    const backend = silentKV();
    const kv = withCache(backend, { max: 10 });
    const read = (deadline?: number): void => void kv.get("a", { deadline }).catch(() => {});
    for (let i = 0; i < 10; i++) read();
    vi.advanceTimersByTime(4_999);
    read(100);
    expect(backend.reads).toBe(1);
    vi.advanceTimersByTime(1);
    for (let i = 0; i < 10; i++) read();
    expect(backend.reads).toBe(2);
    read(60_000);
    for (let i = 0; i < 10; i++) read();
    expect(backend.reads).toBe(3);
  });

  test("does not stand in the way of a refresh for longer than its deadline", async () => {
    useFakeTime();
    const backend = silentKV();
    const kv = withCache(backend, { max: 10, ttl: 1000, staleWhileRevalidate: MINUTE });
    await kv.put("a", "1");
    vi.advanceTimersByTime(1000);
    for (let i = 0; i < 10; i++) expect(await kv.get("a")).toBe("1");
    expect(backend.reads).toBe(1);
    vi.advanceTimersByTime(5000);
    for (let i = 0; i < 10; i++) expect(await kv.get("a")).toBe("1");
    expect(backend.reads).toBe(2);
  });
});

describe("where a copy is left that staleIfError allows", () => {
  test("it is handed out at the deadline", async () => {
    useFakeTime();
    const kv = withCache(silentKV(), { max: 10, ttl: 1000, staleIfError: MINUTE });
    await kv.put("a", "1");
    vi.advanceTimersByTime(1000);
    const one = kv.get("a");
    const many = kv.get(["a"]);
    vi.advanceTimersByTime(4_999);
    expect(await settled(one)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await one).toBe("1");
    expect(await many).toEqual(new Map([["a", "1"]]));
  });

  test("and not once it is too old: then the read goes on until the deadline", async () => {
    useFakeTime();
    const kv = withCache(silentKV(), { max: 10, ttl: 1000, staleIfError: 1000, fetchTimeout: 500 });
    await kv.put("a", "1");
    vi.advanceTimersByTime(1900);
    const outcome = errorOf(kv.get("a"));
    vi.advanceTimersByTime(500);
    expect(await settled(outcome)).toBe(false);
    vi.advanceTimersByTime(4_499);
    expect(await settled(outcome)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await outcome).toMatchObject({ code: "KV_TIMEOUT" });
  });
});

describe("wrap", () => {
  const rest = useCachedRest();

  test("makes a value when the deadline has passed, and does not wait for its storing then", async () => {
    const kv = rest.open({ deadline: 20 });
    rest.wire.hold();
    expect(await rest.until(kv.wrap("a", () => "made"))).toBe("made");
    expect(kv.stats().errors).toBe(1);
    rest.wire.release();
    await kv.close();
    expect(await rest.stored("a")).toBe('"made"');
  });

  test("does not wait for its storing for longer than the deadline", async () => {
    const kv = rest.open({ deadline: 20 });
    const made = kv.wrap("a", async () => {
      rest.wire.hold();
      return "made";
    });
    await rest.sent(2);
    rest.advance(20);
    expect(await made).toBe("made");
    expect(await kv.get("a", "json")).toBe("made");
    rest.wire.release();
    await kv.close();
    expect(await rest.stored("a")).toBe('"made"');
  });

  test("counts the failure of what nobody waits for any more", async () => {
    const kv = rest.open({ deadline: 20 });
    rest.wire.hold();
    expect(await rest.until(kv.wrap("a", () => "made"))).toBe("made");
    rest.wire.instead = () => refusal(403, 10_000);
    rest.wire.release();
    await eventually(() => expect(kv.stats().errors).toBe(2));
  });

  test("tells at once what cannot be stored", async () => {
    const kv = rest.open({ deadline: 20 });
    rest.wire.hold();
    const outcome = errorOf(kv.wrap("a", () => "x".repeat(26 * 1024 * 1024)));
    await rest.sent(1);
    rest.advance(20);
    const error = await outcome;
    expect(error).toMatchObject({ code: "KV_LIMIT", key: "a" });
  });

  test("waits for its function for as long as that takes", async () => {
    const kv = rest.open({ deadline: 5 });
    const { promise, resolve } = Promise.withResolvers<string>();
    const made = kv.wrap("a", () => promise);
    await manyTurns();
    rest.advance(50);
    resolve("made");
    expect(await made).toBe("made");
  });
});

test("writes wait as the backend says", async () => {
  useFakeTime();
  const backend = silentKV();
  const silence = new Promise<void>(() => {});
  const kv = withCache(Object.assign(backend, { put: () => silence, delete: () => silence }), { max: 10 });
  const writes = Promise.all([kv.put("a", "1"), kv.delete("b")]);
  vi.advanceTimersByTime(10 * MINUTE);
  expect(await settled(writes)).toBe(false);
});

test("a stream that opens after the deadline is cancelled", async () => {
  const opened = Promise.withResolvers<ReadableStream>();
  const cancelled = Promise.withResolvers<unknown>();
  const backend = Object.assign(silentKV(), {
    get: () => opened.promise,
    getWithMetadata: async () => ({ value: await opened.promise, metadata: null, cacheStatus: null }),
  });
  const kv = withCache(backend as any, { max: 10 });
  for (const read of [
    kv.get("a", { type: "stream", deadline: 1 }),
    kv.getWithMetadata("a", { type: "stream", deadline: 1 }),
  ]) {
    expect(await errorOf(read)).toMatchObject({ code: "KV_TIMEOUT" });
  }
  opened.resolve(new ReadableStream({ cancel: (why) => cancelled.resolve(why) }));
  await cancelled.promise;
});

test("a read that was aborted holds no process: nothing of its deadline is left", async () => {
  const child = fileURLToPath(new URL("../support/cache-aborted-child.ts", import.meta.url));
  // It would live for an hour.
  await promisify(execFile)(process.execPath, [child], { timeout: 100_000 });
});
