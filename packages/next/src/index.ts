/**
 * Next.js on Workers KV. `withKV` puts the handlers into `next.config`; `cache-handler.ts` and `use-cache.ts` are what
 * Next then loads by their paths.
 *
 * @module
 */
export { configureKV } from "./shared.ts";
export type { NextKVOptions } from "./options.ts";
export { seed, type SeedOptions } from "./seed.ts";
export { withKV, type WithKVOptions } from "./with-kv.ts";
