/**
 * What each cache is made to do, and how far ahead of the others kvplug must be.
 *
 * @module
 */
import type { Cache, CacheName, Read } from "./caches.ts";
import { KEYS, keyOf, VALUE } from "./works.ts";
import { zipf } from "./zipf.ts";

/** What a peer must take at least, in multiples of what kvplug takes. */
export interface Lead {
  readonly requests?: number;
  readonly cpu?: number;
  readonly elapsed?: number;
}

export interface CacheWork {
  readonly title: string;
  readonly reads: number;
  /** How many reads make a turn that warms up. */
  readonly warmUp: number;
  /** The most entries; `undefined`: room for all keys. */
  readonly max: number | undefined;
  /** Whether all that is read is in the cache already. Otherwise each turn begins with an empty one. */
  readonly hitsOnly: boolean;
  /** How many turns each cache has in a round: more where a turn is short and its goal is tight. */
  readonly turns: number;
  /** Who is compared. */
  readonly peers: Readonly<Partial<Record<CacheName, Lead>>>;
  readonly run: (cache: Cache, reads: number) => Promise<unknown>;
}

export type CacheWorkName = "get" | "read" | "bounded" | "roomy";

/** What is read where all is in the cache. */
export const HOT: readonly string[] = Array.from({ length: 1_000 }, (_, i) => keyOf(i));

const ZIPFIAN: readonly string[] = zipf(100_000, KEYS).map(keyOf);
const AT_ONCE = 1_000;

/** In the order of the table. */
export const CACHE_WORKS: Readonly<Record<CacheWorkName, CacheWork>> = {
  get: {
    title: "reads of what is in the cache, one after the other",
    reads: 200_000,
    warmUp: 500_000,
    max: undefined,
    hitsOnly: true,
    turns: 5,
    peers: {
      "lru-cache": { cpu: 1 / 1.5 },
      "cache-manager": { cpu: 2 },
      bentocache: { cpu: 8 },
      "bentocache, raw": {},
      cacheable: { cpu: 15 },
      Keyv: {},
    },
    run: async (cache, reads) => {
      for (let i = 0; i < reads; i++) check(await cache.get(HOT[i % HOT.length]!));
    },
  },
  read: {
    title: "the same by wrap or getOrSet, with the backend behind",
    reads: 100_000,
    warmUp: 500_000,
    max: undefined,
    hitsOnly: true,
    turns: 1,
    peers: { "cache-manager": {}, bentocache: {}, "bentocache, raw": {}, cacheable: {} },
    run: async (cache, reads) => {
      for (let i = 0; i < reads; i++) check(await cache.read(HOT[i % HOT.length]!));
    },
  },
  bounded: {
    title: `zipfian reads of 10,000 keys, ${AT_ONCE} at once, in 1,000 entries`,
    reads: ZIPFIAN.length,
    warmUp: 10 * AT_ONCE,
    max: 1_000,
    hitsOnly: false,
    turns: 1,
    peers: {
      "lru-cache + @kvplug/core": {},
      bentocache: { requests: 50, cpu: 3 },
      cacheable: { requests: 50, cpu: 3 },
    },
    run: readZipfian,
  },
  roomy: {
    title: `zipfian reads of 10,000 keys, ${AT_ONCE} at once, with room for all`,
    reads: ZIPFIAN.length,
    warmUp: 10 * AT_ONCE,
    max: undefined,
    hitsOnly: false,
    turns: 1,
    peers: {
      "lru-cache": { elapsed: 1 },
      "cache-manager": { elapsed: 1 },
      bentocache: { elapsed: 1 },
      cacheable: { elapsed: 1 },
      Keyv: { elapsed: 1 },
    },
    run: readZipfian,
  },
};

/** Makes sure that a read brought what was stored. */
export function check(value: Awaited<Read>): void {
  if (value?.length !== VALUE.length) throw new Error("A value is not what was stored.");
}

async function readZipfian(cache: Cache, reads: number): Promise<void> {
  for (let i = 0; i < reads; i += AT_ONCE) {
    await Promise.all(ZIPFIAN.slice(i, i + AT_ONCE).map(async (key) => check(await cache.read(key))));
  }
}
