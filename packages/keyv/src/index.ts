/**
 * Keyv on Workers KV.
 *
 * The path of a call: Keyv, or another user of its storage adapters → {@link KeyvKV}, which names the record
 * (`key-names.ts`) and dates it (`record.ts`) → the `KVNamespace`.
 *
 * @module
 */
export { createKeyv, type KVKeyv } from "./create-keyv.ts";
export type { KeyvKVEvents } from "./any-keyv-kv.ts";
export { KeyvKV, type KeyvEntry, type KeyvWritten } from "./keyv-kv.ts";
export type { KeyvKVOptions } from "./options.ts";
