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
  /** For values that are set without a ttl. Default: none; they do not expire. */
  ttl?: Milliseconds;
  /** Which values to store; `set` ignores the rest. Default: all but `undefined`. */
  isCacheable?: (value: unknown) => boolean;
  /**
   * Called with each failure, instead of rejecting: a read is then a miss, and a write has no effect. Default: calls
   * reject.
   */
  onError?: (error: unknown) => void;
  /** An option of `caching`, which passes all its options to the store. */
  refreshThreshold?: Milliseconds;
  /** An option of `caching`, which passes all its options to the store. */
  onBackgroundRefreshError?: (error: unknown) => void;
  /** NestJS 10 adds this, `max` and `isGlobal` when it calls a factory. They have no effect here. */
  store?: unknown;
}

/** A `Store` of cache-manager 5, with a few more methods. */
export interface KVStore {
  readonly name: "cloudflare-kv";
  readonly isCacheable: (value: unknown) => boolean;
  /**
   * Returns the same store with this default `ttl`, unless it already has one. NestJS 10 calls this with its options.
   */
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
  /**
   * Resolves with the keys that match a pattern, where `*` stands for any text and `?` for one character. Asks KV only
   * for keys that begin with the text before the first of them, 1,000 a request. Default: all keys.
   */
  keys(pattern?: string): Promise<string[]>;
  /**
   * Deletes all keys that begin with a non-empty prefix: one request for each 1,000 names, and one for each 10,000
   * deletes.
   */
  deleteByPrefix(prefix: string): Promise<void>;
  /** Resolves with the remaining milliseconds: -1 if the key does not expire, -2 if it does not exist. */
  ttl(key: string): Promise<Milliseconds>;
  /** Closes the driver, if it was opened here. */
  disconnect(): Promise<void>;
}

/**
 * Returns a store for `caching` and `multiCaching` of cache-manager 5. Values are stored as JSON.
 *
 * @param given Any `KVNamespace`, or options for a driver.
 * @throws {KVError} `KV_INVALID` for an unknown or invalid option. Without `onError`, `set` and `mset` reject with it for
 *   values that JSON cannot hold, and `get` and `mget` reject with `KV_VALUE` for stored values that are not JSON.
 *   cache-manager's `wrap` computes such a value anew, and tells its listeners.
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
  /** Parses a record. If `onError` is set, a record that is not JSON is a miss. */
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
    `The value of ${quoteKey(key)}, ${describe(data)}, cannot be written as JSON. Exclude it with isCacheable.`,
    { key },
  );
}
