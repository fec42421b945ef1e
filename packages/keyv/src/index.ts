/**
 * Keyv on Workers KV.
 *
 * The way of a call: Keyv, or any user of its storage adapters → {@link KeyvKV}, which names the
 * record by `key-names.ts` and dates it by `record.ts` → the `KVNamespace` it stands on.
 *
 * @module
 */
export { createKeyv, type KVKeyv } from "./create-keyv.ts";
export type { KeyvKVEvents } from "./any-keyv-kv.ts";
export { KeyvKV, type KeyvEntry, type KeyvWritten } from "./keyv-kv.ts";
export type { KeyvKVOptions } from "./options.ts";
