/**
 * unstorage, and with it Nitro and Nuxt, on Workers KV.
 *
 * The path of a call: unstorage → `driver.ts`, which opens the namespace at first use (`open-store.ts`), names the key
 * (`key-names.ts`) and dates it (`stamp.ts`) → an LRU cache, if configured → the namespace. Failures return through
 * `failure.ts`.
 *
 * @module
 */
export { createDriver, createDriver as default, type KVStorageDriver } from "./driver.ts";
export type { KVItem, KVItemMeta, KVItemOptions } from "./items.ts";
export { kvStorage, type KVStorageConfig } from "./kv-storage.ts";
export type { KVStorageCacheOptions, KVStorageOptions } from "./options.ts";
