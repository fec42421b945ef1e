import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { EventEmitter } from "node:events";
import { broadcastBus, CACHE_CHANNEL, withCache, type CacheBus, type CacheEvent } from "@kvplug/cache";
import { createKV } from "@kvplug/core";
import { startServer } from "@kvplug/server";
import { expect, onTestFinished, test, vi } from "vitest";

/** For what never comes: no machine is so slow. */
const PATIENTLY = { timeout: 60_000 };

/** A server, and caches of its namespace. */
async function start() {
  const server = await startServer();
  onTestFinished(() => server.close());
  const { id } = server.namespaces[0]!;
  return {
    server,
    /** The namespace past all caches. */
    kv: server.kv(id),
    open(bus: CacheBus) {
      const ids = { baseURL: server.url, accountId: server.account, namespaceId: id, apiToken: "any" };
      const cache = withCache(createKV({ ...ids, writeInterval: 0 }), { max: 100, bus, deadline: Infinity });
      onTestFinished(() => cache.close());
      return cache;
    },
  };
}

/** What is published on CACHE_CHANNEL from now on, of one or several types. */
function watch<Type extends CacheEvent["type"]>(...types: Type[]): Extract<CacheEvent, { type: Type }>[] {
  const seen: Extract<CacheEvent, { type: Type }>[] = [];
  const listener = (event: unknown): void => {
    if (types.includes((event as CacheEvent).type as Type)) seen.push(event as (typeof seen)[number]);
  };
  subscribe(CACHE_CHANNEL, listener);
  onTestFinished(() => void unsubscribe(CACHE_CHANNEL, listener));
  return seen;
}

/** A bus in this process that brings everything to everybody, as Redis does: also to who said it. */
function echoingBus(): CacheBus & { readonly heard: unknown[]; bring(message: unknown): void } {
  const emitter = new EventEmitter();
  const heard: unknown[] = [];
  return {
    heard,
    bring: (message) => void emitter.emit("message", message),
    publish: (message) => {
      heard.push(message);
      emitter.emit("message", message);
    },
    subscribe: (listener) => {
      emitter.on("message", listener);
      return () => emitter.off("message", listener);
    },
  };
}

const broken = new Error("the bus is broken");
const fail = (): never => {
  throw broken;
};
const reject = async (): Promise<never> => Promise.reject(broken);

test.each<[how: string, bus: Partial<CacheBus>, errors: number]>([
  ["publish throws", { publish: fail }, 3],
  ["publish rejects", { publish: reject }, 3],
  ["subscribe throws", { subscribe: fail }, 1],
  ["subscribe rejects", { subscribe: reject }, 1],
  ["what subscribe returns throws", { subscribe: () => fail }, 1],
  ["what subscribe resolves to rejects", { subscribe: async () => reject }, 1],
  ["all of it fails", { publish: fail, subscribe: reject }, 4],
])("a bus of which %s costs nobody a call, and is counted", async (_how, broke, errors) => {
  const { server, kv, open } = await start();
  const published = watch("error");
  const cache = open({ publish: () => {}, subscribe: () => () => {}, ...broke });

  await cache.put("k", "1");
  await cache.delete("l");
  cache.invalidate({ prefix: "m" });
  server.requests.reset();
  expect(await cache.get(["k", "l"])).toEqual(
    new Map([
      ["k", "1"],
      ["l", null],
    ]),
  );
  expect(server.requests.total).toBe(0);
  expect(await kv.get("k")).toBe("1");
  await cache.close();

  await vi.waitFor(() => expect(cache.stats().errors).toBe(errors), PATIENTLY);
  expect(published).toEqual(Array.from({ length: errors }, () => ({ type: "error", during: "bus", error: broken })));
});

test("what a lost bus does not tell is believed for the ttl, and no longer", async () => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const { kv, open } = await start();
  const cache = open({ publish: fail, subscribe: fail });
  await kv.put("k", "old");
  expect(await cache.get("k")).toBe("old");
  await kv.put("k", "new");
  expect(await cache.get("k")).toBe("old");

  vi.advanceTimersByTime(59_000);
  expect(await cache.get("k")).toBe("old");
  vi.advanceTimersByTime(1_000);
  expect(await cache.get("k")).toBe("new");
});

test("a cache ignores its own messages when the bus brings them back", async () => {
  const { server, open } = await start();
  const invalidations = watch("invalidate");
  const bus = echoingBus();
  const cache = open(bus);
  await cache.put("k", "1");
  expect(bus.heard).toHaveLength(1);
  server.requests.reset();
  expect(await cache.get("k")).toBe("1");
  expect(server.requests.total).toBe(0);
  expect(invalidations).toEqual([]);
});

test("several caches of one thread hear each other over one bus", async () => {
  const { kv, open } = await start();
  const bus = broadcastBus(crypto.randomUUID());
  const [a, b] = [open(bus), open(bus)];
  expect(await b.get("k")).toBeNull();
  await a.put("k", "1");
  await vi.waitFor(async () => expect(await b.get("k")).toBe("1"), PATIENTLY);
  expect(await kv.get("k")).toBe("1");
});

const ILL_FORMED: unknown[] = [
  undefined,
  null,
  "text",
  7,
  [],
  {},
  { keys: ["k"] },
  { from: 1, keys: ["k"] },
  { from: "another", keys: "k" },
  { from: "another", keys: { length: 1, 0: "k" } },
  { from: "another", keys: ["k", 7] },
  { from: "another", keys: null },
  { from: "another", prefix: 7 },
  { from: "another", prefix: ["k"] },
  { from: "another", keys: ["k"], prefix: {} },
];

test.each(ILL_FORMED.map((message) => ({ message })))(
  "an ill-formed message harms nothing, and is counted: $message",
  async ({ message }) => {
    const { server, open } = await start();
    const published = watch("error", "invalidate");
    const bus = echoingBus();
    const cache = open(bus);
    await cache.put("k", "1");
    bus.bring(message);
    server.requests.reset();
    expect(await cache.get("k")).toBe("1");
    expect(server.requests.total).toBe(0);
    expect(cache.stats().errors).toBe(1);
    expect(published).toEqual([
      { type: "error", during: "bus", error: expect.objectContaining({ name: "KVError", code: "KV_INVALID" }) },
    ]);

    // The next one is heard.
    bus.bring({ from: "another", keys: ["k"] });
    expect(await cache.get("k")).toBe("1");
    expect(server.requests.total).toBe(1);
    expect(published[1]).toEqual({ type: "invalidate", remote: true, keys: ["k"] });
  },
);

test("nothing but names travels, and a caller of invalidate is published as such", async () => {
  const { open } = await start();
  const invalidations = watch("invalidate");
  const bus = echoingBus();
  const [a, b] = [open(bus), open(bus)];
  await a.put("k", "secret", { metadata: { secret: true }, expirationTtl: 60 });
  await a.wrap("w", () => "secret");
  a.invalidate({ prefix: "k" });
  b.invalidate(["k", "w"]);
  // The keys of a tick wait for its end.
  await Promise.resolve();
  const from: unknown = expect.any(String);
  expect(bus.heard).toEqual([
    { from, keys: ["k"] },
    { from, keys: ["w"] },
    { from, prefix: "k" },
    { from, keys: ["k", "w"] },
  ]);
  expect(invalidations).toEqual([
    { type: "invalidate", remote: true, keys: ["k"] },
    { type: "invalidate", remote: true, keys: ["w"] },
    { type: "invalidate", remote: true, prefix: "k" },
    { type: "invalidate", remote: false, prefix: "k" },
    { type: "invalidate", remote: false, keys: ["k", "w"] },
    { type: "invalidate", remote: true, keys: ["k", "w"] },
  ]);
});

test("close tells what waits to be told, and leaves the bus, also one that is still being joined", async () => {
  const { open } = await start();
  const invalidations = watch("invalidate");
  const bus = echoingBus();
  const joined = Promise.withResolvers<void>();
  const cache = open({
    publish: bus.publish,
    subscribe: async (listener) => {
      await joined.promise;
      return bus.subscribe(listener);
    },
  });
  cache.invalidate("k");
  await cache.close();
  expect(bus.heard).toHaveLength(1);
  joined.resolve();
  await vi.waitFor(() => {
    invalidations.length = 0;
    bus.bring({ from: "another", keys: ["k"] });
    expect(invalidations).toEqual([]);
  }, PATIENTLY);
});
