/**
 * cache-manager 5 on Workers KV: `caching(kvStore(kv, { ttl: 60_000 }))`.
 *
 * @module
 */
import type { KVNamespace } from "@kvplug/core";
import { adapterOptions, decode, describe, KVError, quoteKey, type Milliseconds } from "@kvplug/core/seam";
import type { KeyvKV } from "@kvplug/keyv";
import { openStore, type StoreOptions } from "./open-store.ts";
import { literalOf, matcherOf } from "./patterns.ts";

export type { LruOptions, StoreOptions } from "./open-store.ts";

/** Options of {@link kvStore}. */
export interface KVStoreOptions extends StoreOptions {
  /** For what is set without a ttl of its own. Default: none, which does not expire. */
  ttl?: Milliseconds;
  /** What is stored; the rest is passed over in silence by `set`. Default: all but `undefined`. */
  isCacheable?: (value: unknown) => boolean;
  /** Called for each failure, in place of a rejection: a read is a miss then, and a write is passed over. Default: calls reject. */
  onError?: (error: unknown) => void;
  /** An option of `caching`, which hands all of its options to the store as well. */
  refreshThreshold?: Milliseconds;
  /** An option of `caching`, which hands all of its options to the store as well. */
  onBackgroundRefreshError?: (error: unknown) => void;
  /** What NestJS 10 adds, with `max` and `isGlobal`, when it calls a factory. They mean nothing here. */
  store?: unknown;
}

/** A `Store` of cache-manager 5, and what else there is to be done with it. */
export interface KVStore {
  readonly name: "cloudflare-kv";
  readonly isCacheable: (value: unknown) => boolean;
  /** The same store with another default `ttl`, unless it has one: NestJS 10 calls this, with its options. */
  create(options?: { ttl?: Milliseconds; [others: string]: unknown }): KVStore;
  get<T>(key: string): Promise<T | undefined>;
  /** @param ttl 0: no expiry. Default: the store's. */
  set(key: string, data: unknown, ttl?: Milliseconds): Promise<void>;
  del(key: string): Promise<void>;
  /** Deletes all keys of the namespace, 10,000 a request. */
  reset(): Promise<void>;
  mget(...keys: string[]): Promise<unknown[]>;
  mset(pairs: [key: string, value: unknown][], ttl?: Milliseconds): Promise<void>;
  mdel(...keys: string[]): Promise<void>;
  /** The keys that match a pattern, in which `*` stands for any text and `?` for a character. Default: all. What stands before the first of these is all that KV is asked for: 1,000 keys a request. */
  keys(pattern?: string): Promise<string[]>;
  /** Deletes all keys that begin with a prefix, which must not be empty: a request for 1,000 names, and one for 10,000 deletes. */
  deleteByPrefix(prefix: string): Promise<void>;
  /** What is left, in milliseconds; -1 without expiry, -2 without such a key. */
  ttl(key: string): Promise<Milliseconds>;
  /** Closes a driver that was opened here. */
  disconnect(): Promise<void>;
}

/**
 * A store for `caching` and `multiCaching` of cache-manager 5. Values are kept as JSON.
 *
 * @param given A `KVNamespace` of any kind, or the options of a driver.
 * @throws {KVError} `KV_INVALID` for an option that does not exist or cannot be. Without `onError`, `set` and `mset`
 *   reject with it for what JSON cannot hold, and `get` and `mget` with `KV_VALUE` for what others wrote that is no
 *   JSON. `wrap` of cache-manager makes that value anew, and tells its listeners.
 * @example
 * const cache = await caching(kvStore(kv, { ttl: 60_000 }));
 * await cache.wrap("user:1", () => loadUser(1));
 */
export function kvStore(given: KVNamespace<any> | KVStoreOptions = {}, more: Omit<KVStoreOptions, "kv"> = {}): KVStore {
  const {
    ttl,
    isCacheable = (value) => value !== undefined,
    onError,
    refreshThreshold: _,
    onBackgroundRefreshError: __,
    ...options
  } = withoutNest(adapterOptions<KVStoreOptions>("kvStore", given, more));
  checkTtl(ttl);
  if (typeof isCacheable !== "function") {
    throw new KVError("KV_INVALID", `isCacheable must be a function, not ${describe(isCacheable)}.`);
  }
  if (onError !== undefined && typeof onError !== "function") {
    throw new KVError("KV_INVALID", `onError must be a function, not ${describe(onError)}.`);
  }
  const store = openStore("kvStore", options, ["ttl", "isCacheable", "onError"]);
  if (onError !== undefined) store.on("error", onError);
  return storeOf({ store, isCacheable, onError }, ttl);
}

interface Parts {
  readonly store: KeyvKV;
  readonly isCacheable: (value: unknown) => boolean;
  readonly onError: ((error: unknown) => void) | undefined;
}

function storeOf(parts: Parts, defaultTtl: Milliseconds | undefined): KVStore {
  const { store, isCacheable, onError } = parts;
  const done = async (write: () => Promise<unknown>): Promise<void> => {
    try {
      await write();
    } catch (error) {
      if (onError === undefined) throw error;
      onError(error);
    }
  };
  /** What a record holds. One of another hand that is no JSON is a miss where `onError` is told. */
  const valueOf = (key: string, json: string | undefined): any => {
    try {
      return parse(key, json);
    } catch (error) {
      if (onError === undefined) throw error;
      onError(error);
      return undefined;
    }
  };
  return {
    name: "cloudflare-kv",
    isCacheable,
    create({ ttl } = {}) {
      checkTtl(ttl);
      return storeOf(parts, defaultTtl ?? ttl);
    },
    get: async (key) => valueOf(key, await store.get(key)),
    async set(key, data, ttl = defaultTtl) {
      if (isCacheable(data)) await done(async () => store.set(key, serialise(key, data), ttl));
    },
    del: (key) => done(() => store.discard([key])),
    reset: () => done(() => store.clear()),
    mget: async (...keys) => (await store.getMany(keys)).map((json, i) => valueOf(keys[i]!, json)),
    async mset(pairs, ttl = defaultTtl) {
      const cacheable = pairs.filter(([, value]) => isCacheable(value));
      await done(async () =>
        store.setMany(cacheable.map(([key, value]) => ({ key, value: serialise(key, value), ttl }))),
      );
    },
    mdel: (...keys) => done(() => store.discard(keys)),
    async keys(pattern = "*") {
      const { prefix, isWhole } = literalOf(pattern);
      if (isWhole) return (await store.has(pattern)) ? [pattern] : [];
      const matches = matcherOf(pattern);
      const found: string[] = [];
      for await (const key of store.keys(prefix)) if (matches(key)) found.push(key);
      return found;
    },
    deleteByPrefix: (prefix) => done(() => store.deleteByPrefix(prefix)),
    ttl: (key) => store.ttl(key),
    disconnect: () => store.disconnect(),
  };
}

/** The options without those that NestJS 10 adds, which always names the `store`. */
function withoutNest(options: KVStoreOptions): KVStoreOptions {
  if (!("store" in options)) return options;
  const {
    store: _,
    max: __,
    isGlobal: ___,
    ...own
  } = options as KVStoreOptions & { max?: unknown; isGlobal?: unknown };
  return own;
}

/** @throws {KVError} `KV_INVALID` */
function checkTtl(ttl: Milliseconds | undefined): void {
  if (ttl === undefined || (Number.isFinite(ttl) && ttl >= 0)) return;
  throw new KVError("KV_INVALID", `ttl must be a number of milliseconds, 0 or more, not ${describe(ttl)}.`);
}

function parse(key: string, json: string | undefined): any {
  return json === undefined ? undefined : decode(key, json, "json");
}

/** @throws {KVError} `KV_INVALID` for what JSON cannot hold. */
function serialise(key: string, data: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(data);
  } catch (cause) {
    throw new KVError("KV_INVALID", `The value of ${quoteKey(key)}, ${describe(data)}, cannot be written as JSON.`, {
      key,
      cause,
    });
  }
  if (json !== undefined) return json;
  throw new KVError(
    "KV_INVALID",
    `The value of ${quoteKey(key)}, ${describe(data)}, cannot be written as JSON. Let isCacheable pass it over.`,
    { key },
  );
}
