/** What an adapter clears stays away, also what it gave up before, and takes effect later. */
import { withCache } from "@kvplug/cache";
import { createStores } from "@kvplug/cache-manager";
import { createKV, type KV } from "@kvplug/core";
import { createKeyv, KeyvKV } from "@kvplug/keyv";
import { KVSessions } from "@kvplug/session";
import createDriver from "@kvplug/unstorage";
import { createCache } from "cache-manager-7";
import { createStorage } from "unstorage";
import { expect, test } from "vitest";
import type { Fate } from "./fates.ts";
import type { Effect } from "./history.ts";
import { run, type Setup, type Tools } from "./run.ts";

/** The writes and the clear of one adapter over a namespace. */
interface Writer {
  set(): Promise<unknown>;
  /** The name of a key in KV that its clear deletes. */
  keyOf(name: string): string;
  clear(): Promise<unknown>;
}

const ADAPTERS: Record<string, (kv: KV) => Writer> = {
  "@kvplug/keyv": (kv) => {
    const keyv = createKeyv(kv, { namespace: "app" });
    keyv.on("error", () => {});
    return { set: () => keyv.set("a", 1), keyOf: (name) => `app::${name}`, clear: () => keyv.clear() };
  },
  "@kvplug/keyv, by a prefix": (kv) => {
    const store = new KeyvKV(kv);
    return { set: () => store.set("x:a", "1"), keyOf: (name) => `x:${name}`, clear: () => store.deleteByPrefix("x:") };
  },
  "@kvplug/cache-manager": (kv) => {
    const cache = createCache({ stores: createStores(kv) });
    return { keyOf: (name) => name, set: () => cache.set("a", 1, 60_000), clear: () => cache.clear() };
  },
  "@kvplug/session": (kv) => {
    const sessions = new KVSessions(kv);
    return {
      keyOf: (name) => `sess:${name}`,
      set: () => sessions.set("a".repeat(32), { user: 1 }),
      clear: () => sessions.clear(),
    };
  },
  "@kvplug/unstorage": (kv) => {
    const storage = createStorage({ driver: createDriver({ kv }) });
    return { keyOf: (name) => name, set: () => storage.setItem("a", 1), clear: () => storage.clear() };
  },
  "@kvplug/unstorage, over a cache": (kv) => {
    const storage = createStorage({ driver: createDriver({ kv: withCache(kv, { max: 10 }) }) });
    return { keyOf: (name) => name, set: () => storage.setItem("a", 1), clear: () => storage.clear() };
  },
};

/** Runs a program with an adapter over a driver; resolves with what took effect. */
async function effectsOf(
  setup: Setup,
  open: (kv: KV) => Writer,
  program: (writer: Writer, kv: KV, tools: Tools) => Promise<unknown>,
): Promise<readonly Effect[]> {
  let kv!: KV;
  const { effects } = await run(
    setup,
    async (tools) => void (await program(open(kv), kv, tools)),
    (options) => (kv = createKV(options)),
  );
  return effects;
}

/** A put that is on the wire for long enough to be written over. */
const SLOW: Setup = { client: { writeInterval: 0 }, api: { fates: [{ effect: 100, answer: 150 }] } };

const ENDS: Record<string, { client: { deadline?: number }; fate: Fate }> = {
  "that got no answer": { client: {}, fate: { how: "silence", effect: 100 } },
  "whose deadline passed on the wire": { client: { deadline: 20 }, fate: { effect: 30, answer: 40 } },
};

test.each(
  Object.entries(ADAPTERS).flatMap(([name, open]) =>
    Object.entries(ENDS).map(([end, setup]) => [name, end, open, setup] as const),
  ),
)("%s clears a value %s", async (_name, _end, open, { client, fate }) => {
  const setup = { client: { timeout: 50, retry: false as const, ...client }, api: { fates: [fate] } };
  const effects = await effectsOf(setup, open, async ({ set, clear }) => {
    await set().catch(() => {});
    await clear();
  });
  expect(effects.map(({ state }) => state === null)).toEqual([false, true]);
});

test.each(Object.entries(ADAPTERS))("%s clears what is written beneath a delete that is withdrawn", async (_, open) => {
  const effects = await effectsOf(SLOW, open, async ({ keyOf, clear }, kv, { wait, abortedAfter }) => {
    const put = kv.put(keyOf("a"), "a#1");
    await wait(10);
    const signal = abortedAfter(50);
    void kv.delete(keyOf("a"), { signal }).catch(() => {});
    await wait(1);
    await clear();
    await put;
  });
  expect(effects.map(({ state }) => state === null)).toEqual([false, true]);
});

test.each(Object.entries(ADAPTERS))("%s clears what is written beneath a later put that fails", async (_, open) => {
  const effects = await effectsOf(SLOW, open, async ({ keyOf, clear }, kv, { wait, abortedAfter }) => {
    const put = kv.put(keyOf("a"), "a#1");
    await wait(10);
    const cleared = clear();
    await wait(1);
    void kv.put(keyOf("a"), "a#2", { signal: abortedAfter(50) }).catch(() => {});
    await Promise.all([put, cleared]);
  });
  expect(effects.map(({ state }) => state === null)).toEqual([false, true]);
});

test.each(Object.entries(ADAPTERS))(
  "%s keeps what the driver puts after the clear was called, and no listing shows",
  async (_, open) => {
    const setup = { client: { writeInterval: 0 }, api: { fates: [{ answer: 100 }, { effect: 300, answer: 320 }] } };
    const effects = await effectsOf(setup, open, async ({ keyOf, set, clear }, kv, { wait }) => {
      const setting = set();
      await wait(10);
      const cleared = clear();
      await wait(10);
      await Promise.all([setting, cleared, kv.put(keyOf("b"), "b#1")]);
    });
    expect(effects.filter(({ key }) => key.includes("b")).map(({ state }) => state)).toEqual(["b#1"]);
  },
);
