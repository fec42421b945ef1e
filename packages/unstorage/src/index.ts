/**
 * unstorage, and with it Nitro and Nuxt, on Workers KV.
 *
 * The way of a call: unstorage → `driver.ts`, which opens the namespace at first use by `open-store.ts`,
 * names the key by `key-names.ts` and dates it by `stamp.ts` → an LRU cache, if one is asked for → the
 * namespace. What fails comes back through `failure.ts`.
 *
 * @module
 */
export { createDriver, createDriver as default, type KVStorageDriver } from "./driver.ts";
export type { KVItem, KVItemMeta, KVItemOptions } from "./items.ts";
export { kvStorage, type KVStorageConfig } from "./kv-storage.ts";
export type { KVStorageCacheOptions, KVStorageOptions } from "./options.ts";
