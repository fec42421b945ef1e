import type { KVCallOptions, KVListKey, KVNamespace, KVStream, Seconds, UnixSeconds } from "../seam/kv-namespace.ts";
import type { KVStats } from "./stats.ts";

/** A pair for {@link KV.putMany}. */
export interface KVPair {
  key: string;
  value: string | ArrayBuffer | ArrayBufferView;
  /** When the key expires, at least 60 s ahead. `expirationTtl` wins over it. */
  expiration?: UnixSeconds;
  /** How long the key lives: whole seconds, at least 60. */
  expirationTtl?: Seconds;
  /** Any JSON, at most 1,024 bytes when serialised. */
  metadata?: unknown;
}

/** A key with its value, from {@link KV.entries}. */
export interface KVListEntry<Value, Metadata = unknown> extends KVListKey<Metadata> {
  value: Value;
}

/** Options of {@link KV.keys} and {@link KV.clear}. */
export interface KVPrefixOptions extends KVCallOptions {
  /** Only names that begin with this. */
  prefix?: string;
}

/** Options of {@link KV.entries}. */
export interface KVEntriesOptions<Type extends "text" | "json" | "arrayBuffer"> extends KVPrefixOptions {
  /** The type of the values. Default: `"text"`. */
  type: Type;
}

/**
 * One namespace over REST: Cloudflare's `KVNamespace`, plus what a program outside a Worker needs.
 *
 * @example
 * await using kv = createKV({ accountId, namespaceId, apiToken });
 * await kv.put("greeting", "hello", { expirationTtl: 3600 });
 * await kv.get("greeting"); // "hello"
 */
export interface KV extends KVNamespace<KVStream>, AsyncDisposable {
  /**
   * Writes any number of pairs, 10,000 or 100 MB a request. If a key comes more than once, its last value counts. An
   * array is checked as a whole before anything is sent; an (async) iterable is checked and sent as it yields.
   *
   * @throws {KVBulkError} with the `keys` that failed; all others are written.
   */
  putMany(pairs: Iterable<KVPair> | AsyncIterable<KVPair>, options?: KVCallOptions): Promise<void>;

  /**
   * Deletes any number of keys, 10,000 a request.
   *
   * @throws {KVBulkError} with the `keys` that failed; all others are deleted.
   */
  deleteMany(keys: Iterable<string> | AsyncIterable<string>, options?: KVCallOptions): Promise<void>;

  /** Resolves with a key's metadata, without its value; `null` if it has none or does not exist. */
  getMetadata<Metadata = unknown>(key: string, options?: KVCallOptions): Promise<Metadata | null>;

  /**
   * Yields all names, 1,000 a request, ordered by their UTF-8 bytes.
   *
   * @example
   * for await (const { name, metadata } of kv.keys({ prefix: "user:" })) console.log(name, metadata);
   */
  keys<Metadata = unknown>(options?: KVPrefixOptions): AsyncIterableIterator<KVListKey<Metadata>>;

  /**
   * Yields all keys with their values: one request for each 1,000 names, and one for each 100 values. A key that is
   * deleted meanwhile is left out. Each value that is not text costs one more request.
   */
  entries<Metadata = unknown>(
    options?: Partial<KVEntriesOptions<"text">>,
  ): AsyncIterableIterator<KVListEntry<string, Metadata>>;
  entries<Value = unknown, Metadata = unknown>(
    options: KVEntriesOptions<"json">,
  ): AsyncIterableIterator<KVListEntry<Value, Metadata>>;
  entries<Metadata = unknown>(
    options: KVEntriesOptions<"arrayBuffer">,
  ): AsyncIterableIterator<KVListEntry<ArrayBuffer, Metadata>>;

  /**
   * Deletes all keys, or those with a prefix, 10,000 a request; resolves with the number of those that it found and
   * deleted. Keeps what is put after the call. A key whose last put got no answer in time is deleted two seconds later,
   * since it may still take effect.
   *
   * @throws {KVBulkError} with the keys that the API refused to delete; all others are deleted. Any other error ended it
   *   before that.
   */
  clear(options?: KVPrefixOptions): Promise<number>;

  /** Returns what the namespace has done so far. */
  stats(): KVStats;

  /**
   * Flushes pending writes, and resolves once they are confirmed or have failed. A namespace of {@link createKV} then
   * closes its connections. Later calls reject.
   */
  close(): Promise<void>;
}
