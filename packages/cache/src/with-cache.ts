import { checkNamespace, type KVNamespace } from "@kvplug/core/seam";
import type { CachedKV } from "./cached-kv.ts";
import { CachedNamespace } from "./cached-namespace.ts";
import { checkCacheOptions, type CacheBound, type CacheOptions } from "./options.ts";

/**
 * Puts an LRU cache in front of a namespace: a REST driver, a Worker's `env.KV`, or another `withCache`. The result is
 * a `KVNamespace` too, so any adapter can use it.
 *
 * @param kv The namespace to cache. The cache now owns it: `close()` closes it too, if it can be closed.
 * @throws {KVError} `KV_INVALID` without a bound, for an unknown or invalid option, and for a backend that is not a
 *   `KVNamespace`.
 * @example
 * const kv = withCache(createKV(), { max: 10_000, ttl: 60_000 });
 * await kv.get("config"); // one request
 * await kv.get("config"); // none, for a minute
 */
export function withCache<Backend extends KVNamespace<any>>(
  kv: Backend,
  options: CacheOptions & CacheBound,
): CachedKV<Backend> {
  checkNamespace("withCache", kv);
  return new CachedNamespace(kv, checkCacheOptions(options));
}
