/**
 * cache-manager 6 and 7 on Workers KV. For cache-manager 5, see `@kvplug/cache-manager/v5`.
 *
 * The path of a call: cache-manager → the Keyv from {@link createStores} → `KeyvKV` of `@kvplug/keyv` → an LRU cache,
 * if configured → the namespace.
 *
 * @module
 */
export { createStores, type KVKeyv, type StoresOptions } from "./create-stores.ts";
export type { LruOptions } from "./open-store.ts";
