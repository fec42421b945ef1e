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
   * How long what the factory made is good, to the millisecond, in every process. Default: the
   * cache's `ttl`. It is kept in the key's metadata; KV itself keeps the key for 60 s at least.
   */
  ttl?: Milliseconds;
  /** With less than this left, a new one is made in the background. Default: 0, never. */
  refreshThreshold?: Milliseconds;
  /**
   * By which the value is invalidated; the cache needs the option `tags`. What was made while one of them was invalidated
   * is handed out and not stored.
   */
  tags?: readonly string[];
}

/** A namespace behind a cache: a `KVNamespace`, and what is to be said to the cache. */
export interface CachedKV<Backend extends KVNamespace<any> = KVNamespace>
  extends KVNamespace<KVStream>, AsyncDisposable {
  /** What is cached. What is written to it directly passes the cache by: {@link invalidate} it. */
  readonly backend: Backend;

  /** Writes a value, replacing what was there: value, metadata, expiration and tags. */
  put(key: string, value: KVValue, options?: CachePutOptions): Promise<void>;

  /**
   * Reads a value, or has it made and stores it, as JSON. Of all who ask for a key at once in this
   * process, the factory runs for one. What it makes is stored with `ttl`; `undefined` is handed out
   * and not stored. Where it throws, all who wait are told, and nothing is stored, unless
   * `staleIfError` allows what was there before. Where the backend is out of order, or slower than the
   * cache's `deadline`, the factory's value is handed out all the same. What was made while the key
   * was written, deleted or invalidated is handed out and not stored: the later write stays. Each
   * caller gets a value of its own, as JSON brings it back.
   *
   * @param factory Makes the value, which must be JSON. It takes as long as it takes.
   * @throws {KVError} `KV_INVALID`, with the key, for a value that JSON cannot hold.
   * @example
   * const user = await kv.wrap(`user:${id}`, () => db.loadUser(id), { ttl: 300_000 });
   */
  wrap<Value>(key: string, factory: () => Value | Promise<Value>, options?: WrapOptions): Promise<Value>;

  /** Another name of {@link wrap}. */
  getOrSet<Value>(key: string, factory: () => Value | Promise<Value>, options?: WrapOptions): Promise<Value>;

  /**
   * Forgets the local copies of a key, of several, or of all that begin with a prefix, here and, over
   * the bus, elsewhere. The next read asks the backend.
   *
   * @example
   * kv.invalidate("user:1");
   * kv.invalidate({ prefix: "user:" });
   */
  invalidate(what: string | readonly string[] | { readonly prefix: string }): void;

  /**
   * Invalidates all entries that carry one of these tags: they count as missing, or as stale for `staleFor` seconds. In
   * this process that holds from the call on, over the bus at once, elsewhere when KV shows it and `ttl` has passed there.
   * Resolves when KV confirmed it.
   *
   * @throws {KVError} `KV_INVALID` where the cache has no option `tags`; else as a write of the backend does. In this
   *   process it holds all the same.
   * @example
   * await kv.put("user:1", json, { tags: ["users"] });
   * await kv.invalidateTags(["users"]);
   * console.log(await kv.get("user:1")); // null
   */
  invalidateTags(tags: readonly string[], options?: InvalidateOptions): Promise<void>;

  /** Forgets all local copies, in this process alone. */
  clearLocal(): void;

  /** What the cache has done so far. */
  stats(): CacheStats;

  /**
   * Waits for what is being written, and, no longer than the cache's `deadline`, for what is being read and made; leaves
   * the bus, and closes the backend where that can be closed. Calls that follow are refused.
   */
  close(): Promise<void>;
}
