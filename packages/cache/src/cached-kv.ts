import type { KVCallOptions, KVNamespace, KVPutOptions, KVStream, KVValue, Milliseconds } from "@kvplug/core/seam";
import type { CacheStats } from "./stats.ts";
import type { InvalidateOptions } from "./tags/kv-tags.ts";

/** Options of a `put` through a cache. */
export interface CachePutOptions extends KVPutOptions {
  /**
   * By which the entry is invalidated; the cache needs the option `tags`. They are kept in the metadata, which must be an
   * object then, and of whose 1,024 bytes each takes its own and 17. An entry with tags lives for `maxEntryTtl` at most,
   * which is its default.
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
   * By which the value is invalidated; the cache needs the option `tags`. What was made while one of them was invalidated
   * is handed out and not stored.
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
   * Invalidates all entries with one of these tags: they count as missing, or as stale for `staleFor` seconds. In this
   * process that holds from the call on, over the bus at once, elsewhere once KV shows it and `ttl` has passed. Resolves
   * when KV has confirmed it.
   *
   * @throws {KVError} `KV_INVALID` if the cache has no option `tags`; otherwise as a write of the backend does. In this
   *   process the invalidation holds anyway.
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
