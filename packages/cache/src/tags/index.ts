/**
 * Tags beneath `withCache`, for those who store entries of a shape of their own: `KVTags` keeps the last invalidation of
 * each tag in KV, and tells which entries are still good.
 *
 * @module
 */
export { KVTags, type InvalidateOptions, type KVTagsOptions } from "./kv-tags.ts";
export type { TagBeginning } from "./tag-memory.ts";
export type { TagRecord } from "./tag-record.ts";
export type { SeenTags, TagVerdict } from "./verdict.ts";
