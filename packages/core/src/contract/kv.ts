import type { KVCallOptions, KVListKey, KVNamespace, KVStream, Seconds, UnixSeconds } from "../seam/kv-namespace.ts";
import type { KVStats } from "./stats.ts";

/** A pair for {@link KV.putMany}. */
export interface KVPair {
  key: string;
  value: string | ArrayBuffer | ArrayBufferView;
  /** The moment at which the key expires, at least 60 s ahead. `expirationTtl` wins over it. */
  expiration?: UnixSeconds;
  /** How long the key lives: whole seconds, at least 60. */
  expirationTtl?: Seconds;
  /** Any JSON, at most 1,024 bytes when serialised. */
  metadata?: unknown;
}

/** A key with its value, as {@link KV.entries} yields it. */
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
  /** How values are handed out. Default: `"text"`. */
  type: Type;
}

/**
 * One namespace over REST: Cloudflare's `KVNamespace`, and what a program outside of a Worker needs
 * beside it.
 *
 * @example
 * await using kv = createKV({ accountId, namespaceId, apiToken });
 * await kv.put("greeting", "hello", { expirationTtl: 3600 });
 * await kv.get("greeting"); // "hello"
 */
export interface KV extends KVNamespace<KVStream>, AsyncDisposable {
  /**
   * Writes any number of pairs, up to 10,000 and 100 MB a request. Where a key comes more than once
   * the last one counts. An array is checked as a whole before anything is sent; an (async) iterable is
   * checked and sent as it comes.
   *
   * @throws {KVBulkError} with the `keys` that failed, when all others are written.
   */
  putMany(pairs: Iterable<KVPair> | AsyncIterable<KVPair>, options?: KVCallOptions): Promise<void>;

  /**
   * Deletes any number of keys, 10,000 a request.
   *
   * @throws {KVBulkError} with the `keys` that failed, when all others are deleted.
   */
  deleteMany(keys: Iterable<string> | AsyncIterable<string>, options?: KVCallOptions): Promise<void>;

  /** The metadata of a key, without its value; `null` where there is none or no such key. */
  getMetadata<Metadata = unknown>(key: string, options?: KVCallOptions): Promise<Metadata | null>;

  /**
   * All names, 1,000 a request, in the order of their UTF-8 bytes.
   *
   * @example
   * for await (const { name, metadata } of kv.keys({ prefix: "user:" })) console.log(name, metadata);
   */
  keys<Metadata = unknown>(options?: KVPrefixOptions): AsyncIterableIterator<KVListKey<Metadata>>;

  /**
   * All keys with their values: one request for 1,000 names and one for 100 values. A key that goes
   * away in between is left out. Values that are not text cost a request each.
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

  /** Deletes all keys, or those with a prefix, 10,000 a request; resolves with their number. */
  clear(options?: KVPrefixOptions): Promise<number>;

  /** What has been done so far. */
  stats(): KVStats;

  /**
   * Sends what waits, and resolves when all of it is settled; a namespace of {@link createKV} then
   * closes its connections. Calls that follow are refused.
   */
  close(): Promise<void>;
}
