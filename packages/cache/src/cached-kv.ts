import type { KVCallOptions, KVNamespace, KVPutOptions, KVStream, KVValue, Milliseconds } from "@kvplug/core/seam";
import type { CacheStats } from "./stats.ts";
import type { InvalidateOptions } from "./tags/kv-tags.ts";

/** Options of {@link CachedKV.put}. */
export interface CachePutOptions extends KVPutOptions {
  /**
   * What {@link CachedKV.invalidateTags} finds the entry by; needs the cache's option `tags`. Stored in the metadata, which
   * must then be an object: each tag takes its own bytes plus 17 of the 1,024. An entry with tags lives for at most
   * `maxEntryTtl`, which is also its default.
   */
  tags?: readonly string[];
}

/** Options of {@link CachedKV.wrap}. */
export interface WrapOptions extends KVCallOptions {
  /**
   * How long the computed value is fresh, exact to the millisecond, in every process. Stored in the key's metadata; KV
   * itself keeps the key for at least 60 s. Default: the cache's `ttl`.
   */
  ttl?: Milliseconds;
  /** With less than this left, computes a new value in the background. Default: 0, never. */
  refreshThreshold?: Milliseconds;
  /**
   * What {@link CachedKV.invalidateTags} finds the value by; needs the cache's option `tags`. If one of them is invalidated
   * while the value is computed, the value is returned and not stored.
   */
  tags?: readonly string[];
}

/** A namespace behind a cache: a `KVNamespace` with methods for the cache. */
export interface CachedKV<Backend extends KVNamespace<any> = KVNamespace>
  extends KVNamespace<KVStream>, AsyncDisposable {
  /** The namespace behind the cache. Writing to it directly bypasses the cache: {@link invalidate} afterwards. */
  readonly backend: Backend;

  /** Writes a value, replacing what was there: value, metadata, expiration and tags. */
  put(key: string, value: KVValue, options?: CachePutOptions): Promise<void>;

  /**
   * Returns a stored value, or computes and stores it, as JSON. The factory runs once for all concurrent callers of a
   * key in this process; each gets its own value, as JSON restores it.
   *
   * `undefined` is returned and not stored. If the factory throws, all waiting callers get the error and nothing is
   * stored, unless `staleIfError` allows the old value. If the backend fails, or is slower than the cache's `deadline`,
   * the factory's value is returned anyway. If the key is written, deleted or invalidated meanwhile, the value is
   * returned and not stored: the later write stays.
   *
   * @param factory Computes the value, which must be JSON. No deadline ends it.
   * @throws {KVError} `KV_INVALID`, with the key, if JSON cannot hold the value.
   * @example
   * const user = await kv.wrap(`user:${id}`, () => db.loadUser(id), { ttl: 300_000 });
   */
  wrap<Value>(key: string, factory: () => Value | Promise<Value>, options?: WrapOptions): Promise<Value>;

  /** An alias of {@link wrap}. */
  getOrSet<Value>(key: string, factory: () => Value | Promise<Value>, options?: WrapOptions): Promise<Value>;

  /**
   * Drops the copies of a key, of several keys, or of all keys with a prefix, here and, with a bus, in other processes.
   * The next read asks the backend.
   *
   * @example
   * kv.invalidate("user:1");
   * kv.invalidate({ prefix: "user:" });
   */
  invalidate(what: string | readonly string[] | { readonly prefix: string }): void;

  /**
   * Invalidates all entries with one of these tags: they count as missing or, for `staleFor` seconds, as stale. In this
   * process this holds from the call on, with a bus at once in others; elsewhere once KV shows it and `ttl` has passed.
   * Resolves when KV has confirmed it.
   *
   * @throws {KVError} `KV_INVALID` if the cache has no option `tags`; otherwise the error of the write. In this process
   *   the invalidation holds even then.
   * @example
   * await kv.put("user:1", json, { tags: ["users"] });
   * await kv.invalidateTags(["users"]);
   * console.log(await kv.get("user:1")); // null
   */
  invalidateTags(tags: readonly string[], options?: InvalidateOptions): Promise<void>;

  /** Drops all copies, in this process only. */
  clearLocal(): void;

  /** Returns what the cache has done so far. */
  stats(): CacheStats;

  /**
   * Waits for pending writes and, up to the cache's `deadline`, for reads and factories. Then leaves the bus, and
   * closes the backend if it can be closed. Later calls reject.
   */
  close(): Promise<void>;
}
