/**
 * The caches that are compared, each in front of the REST API, and each used as its own documentation
 * shows. Nothing expires while it is measured: who would let it is told to wait an hour.
 *
 * @module
 */
import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { createCache } from "cache-manager";
import { Cacheable, createKeyv } from "cacheable";
import { Keyv } from "keyv";
import { LRUCache } from "lru-cache";
import { withCache } from "@kvplug/cache";
import { createKV } from "@kvplug/core";
import { CLIENTS, type Address, type Client } from "./clients.ts";
import { KEYS } from "./works.ts";

/** What a read hands out; a cache that found nothing may say `undefined`. */
export type Read = Promise<string | null | undefined>;

/** What is asked of every cache. */
export interface Cache {
  /** Looks into the cache alone, where it can be asked for that. */
  get(key: string): Read;
  /** Looks into the cache, then asks the backend. */
  read(key: string): Read;
}

/** Makes an empty cache of so many entries; `undefined`: with room for all keys, unbounded where it can be that. */
export type NewCache = (max: number | undefined) => Cache;

export type CacheName =
  | "@kvplug/cache"
  | "lru-cache"
  | "lru-cache + @kvplug/core"
  | "cache-manager"
  | "bentocache"
  | "bentocache, raw"
  | "cacheable"
  | "Keyv";

/** How each is put in front of the backend. Connections are made once, caches for each measurement. */
export const CACHES: Readonly<Record<CacheName, (address: Address) => NewCache>> = {
  "@kvplug/cache": kvplug,
  "lru-cache": (address) => lruCache(bareGets(address)),
  "lru-cache + @kvplug/core": (address) => lruCache(CLIENTS["@kvplug/core"](address)),
  "cache-manager": (address) => cacheManager(bareGets(address)),
  bentocache: (address) => bentocache(bareGets(address), true),
  // It copies what it hands out by JSON unless it is told not to.
  "bentocache, raw": (address) => bentocache(bareGets(address), false),
  cacheable: (address) => cacheable(bareGets(address)),
  Keyv: (address) => keyv(bareGets(address)),
};

const HOUR = 3_600_000;

/** A request for each key, which costs the peers the least that it can. */
function bareGets(address: Address): Client {
  return CLIENTS["undici Pool"](address);
}

function kvplug(address: Address): NewCache {
  const backend = createKV({ ...address, apiToken: "bench" });
  return (max = KEYS) => {
    const kv = withCache(backend, { max, ttl: HOUR });
    const get = (key: string): Read => kv.get(key);
    return { get, read: get };
  };
}

function lruCache(backend: Client): NewCache {
  return (max = KEYS) => {
    // It has no place for `null`, and all keys exist.
    const lru = new LRUCache<string, string>({
      max,
      fetchMethod: async (key) => (await backend.get(key)) ?? undefined,
    });
    const fetch = (key: string): Read => lru.fetch(key);
    return { get: fetch, read: fetch };
  };
}

function cacheManager(backend: Client): NewCache {
  return (max = 0) => {
    const cache = createCache(max === 0 ? {} : { stores: [createKeyv({ lruSize: max })] });
    return { get: (key) => cache.get(key), read: (key) => cache.wrap(key, () => backend.get(key)) };
  };
}

function bentocache(backend: Client, serialize: boolean): NewCache {
  return (maxItems = KEYS) => {
    const memory = bentostore().useL1Layer(memoryDriver({ maxItems, serialize }));
    const bento = new BentoCache({ default: "memory", ttl: HOUR, stores: { memory } });
    return {
      get: (key) => bento.get({ key }),
      read: (key) => bento.getOrSet({ key, factory: () => backend.get(key) }),
    };
  };
}

function cacheable(backend: Client): NewCache {
  return (max = 0) => {
    const cache = new Cacheable({ primary: createKeyv({ lruSize: max }) });
    return { get: (key) => cache.get(key), read: (key) => cache.getOrSet(key, () => backend.get(key)) };
  };
}

/** Without a bound; it does not read through by itself. */
function keyv(backend: Client): NewCache {
  return () => {
    const cache = new Keyv();
    const get = (key: string): Read => cache.get<string>(key);
    const read = async (key: string): Read => {
      const known = await get(key);
      if (known !== undefined) return known;
      const value = await backend.get(key);
      await cache.set(key, value);
      return value;
    };
    return { get, read };
  };
}
