/**
 * Tags for adapters that store entries in a format of their own: `KVTags` keeps the last invalidations of each tag in KV,
 * and judges which entries may still be used. `withCache` builds on it.
 *
 * @module
 */
export { KVTags, type InvalidateOptions, type KVTagsOptions } from "./kv-tags.ts";
export type { TagBeginning } from "./tag-memory.ts";
export type { TagRecord } from "./tag-record.ts";
export type { SeenTags, TagVerdict } from "./verdict.ts";
