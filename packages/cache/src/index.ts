/**
 * An LRU read-through cache: a `KVNamespace` in front of another one.
 *
 * The path of a read: {@link withCache} → `cached-namespace.ts` checks it → `read-through.ts` looks at pending writes
 * and copies → `flights.ts` asks the backend, once for all who wait → `copies.ts` keeps the answer, unless it was
 * overtaken meanwhile, which `under-way.ts` knows.
 *
 * @module
 */
export { withCache } from "./with-cache.ts";
export type { CachedKV, CachePutOptions, WrapOptions } from "./cached-kv.ts";
export type { CacheBound, CacheOptions, CacheTagsOptions, CircuitOptions } from "./options.ts";
export type { InvalidateOptions } from "./tags/kv-tags.ts";
export type { CacheStats } from "./stats.ts";
export { CACHE_CHANNEL, type CacheEvent } from "./events.ts";
export type { CacheBus, Invalidation } from "./bus/bus.ts";
export { broadcastBus } from "./bus/broadcast-bus.ts";
export { clusterBus, relayClusterBus } from "./bus/cluster-bus.ts";
