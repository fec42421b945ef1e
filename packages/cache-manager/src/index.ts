/**
 * cache-manager 6 and 7 on Workers KV; `@kvplug/cache-manager/v5` is for cache-manager 5.
 *
 * The way of a call: cache-manager → the Keyv that {@link createStores} made → `KeyvKV` of
 * `@kvplug/keyv` → an LRU cache, if one is asked for → the namespace.
 *
 * @module
 */
export { createStores, type KVKeyv, type StoresOptions } from "./create-stores.ts";
export type { LruOptions } from "./open-store.ts";
