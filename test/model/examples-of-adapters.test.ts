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
import { run } from "./run.ts";

/** The writes and the clear of one adapter over a namespace. */
interface Writer {
  set(): Promise<unknown>;
  clear(): Promise<unknown>;
}

const ADAPTERS: Record<string, (kv: KV) => Writer> = {
  "@kvplug/keyv": (kv) => {
    const keyv = createKeyv(kv, { namespace: "app" });
    keyv.on("error", () => {});
    return { set: () => keyv.set("a", 1), clear: () => keyv.clear() };
  },
  "@kvplug/keyv, by a prefix": (kv) => {
    const store = new KeyvKV(kv);
    return { set: () => store.set("a", "1"), clear: () => store.deleteByPrefix("a") };
  },
  "@kvplug/cache-manager": (kv) => {
    const cache = createCache({ stores: createStores(kv) });
    return { set: () => cache.set("a", 1, 60_000), clear: () => cache.clear() };
  },
  "@kvplug/session": (kv) => {
    const sessions = new KVSessions(kv);
    return { set: () => sessions.set("a".repeat(32), { user: 1 }), clear: () => sessions.clear() };
  },
  "@kvplug/unstorage": (kv) => {
    const storage = createStorage({ driver: createDriver({ kv }) });
    return { set: () => storage.setItem("a", 1), clear: () => storage.clear() };
  },
  "@kvplug/unstorage, over a cache": (kv) => {
    const storage = createStorage({ driver: createDriver({ kv: withCache(kv, { max: 10 }) }) });
    return { set: () => storage.setItem("a", 1), clear: () => storage.clear() };
  },
};

const ENDS: Record<string, { client: { deadline?: number }; fate: Fate }> = {
  "that got no answer": { client: {}, fate: { how: "silence", effect: 100 } },
  "whose deadline passed on the wire": { client: { deadline: 20 }, fate: { effect: 30, answer: 40 } },
};

test.each(
  Object.entries(ADAPTERS).flatMap(([name, open]) =>
    Object.entries(ENDS).map(([end, setup]) => [name, end, open, setup] as const),
  ),
)("%s clears a value %s", async (_name, _end, open, { client, fate }) => {
  let kv!: KV;
  const { effects } = await run(
    { client: { timeout: 50, retry: false, ...client }, api: { fates: [fate] } },
    async () => {
      const writer = open(kv);
      await writer.set().catch(() => {});
      await writer.clear();
    },
    (options) => (kv = createKV(options)),
  );
  expect(effects.map(({ state }) => state === null)).toEqual([false, true]);
});
