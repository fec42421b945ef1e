/**
 * The seam of kvplug: Cloudflare's own `KVNamespace`, which every part of the project implements or uses. A Worker's
 * `env.KV` is assignable to {@link KVNamespace}, and every implementation here is assignable to the type of
 * `@cloudflare/workers-types`; type tests prove both.
 *
 * It only adds to Cloudflare's type, and all additions are optional: a `signal` and a `deadline` on each call, and
 * {@link KVEntry.expiration} if the implementation knows it.
 */
import type { Milliseconds, Seconds, UnixSeconds } from "../time/units.ts";

export type { Milliseconds, Seconds, UnixSeconds };

/** The type of a value: `"text"` (the default), `"json"`, `"arrayBuffer"` or `"stream"`. */
export type KVValueType = "text" | "json" | "arrayBuffer" | "stream";

/**
 * A web stream of bytes, as every platform has it. It has only the members on which the types of Node, the DOM and
 * Workers agree, so that a stream of any of them fits.
 */
export interface KVReadable {
  readonly locked: boolean;
  cancel(reason?: any): Promise<void>;
}

/**
 * The `ReadableStream` that kvplug returns. At run time it is the platform's own. The loose members make it fit both
 * Node's type and that of `@cloudflare/workers-types`, which contradict each other in exactly these.
 */
export interface KVStream extends ReadableStream {
  getReader(): ReadableStreamDefaultReader;
  getReader(options: { mode: "byob" }): any;
  pipeThrough(transform: any, options?: any): any;
  pipeTo(destination: any, options?: any): Promise<void>;
  tee(): [KVStream, KVStream];
}

/** What can be stored: text (as UTF-8), bytes, or a stream of bytes. */
export type KVValue = string | ArrayBuffer | ArrayBufferView | KVReadable;

/** Options of every call. */
export interface KVCallOptions {
  /** Aborts only this call; it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * The longest that the call may take, with all waits, attempts and requests. Default: the client's `deadline`. Only
   * the REST driver waits.
   */
  deadline?: Milliseconds | undefined;
}

/** Options of {@link KVNamespace.get} and {@link KVNamespace.getWithMetadata}. */
export interface KVGetOptions<Type extends KVValueType | undefined> extends KVCallOptions {
  /** The type of the value. Default: `"text"`. */
  type: Type;
  /**
   * How long the edge may cache the value, in a Worker or behind a gateway: at least 30. Cloudflare's API has no such
   * option.
   */
  cacheTtl?: Seconds;
}

/** Options of {@link KVNamespace.put}. */
export interface KVPutOptions extends KVCallOptions {
  /** When the key expires, at least 60 s ahead. `expirationTtl` wins over it. */
  expiration?: UnixSeconds;
  /** How long the key lives: whole seconds, at least 60. */
  expirationTtl?: Seconds;
  /** Any JSON, at most 1,024 bytes when serialised. Listings include it. */
  metadata?: unknown;
}

/** Options of {@link KVNamespace.list}. */
export interface KVListOptions extends KVCallOptions {
  /** Only names that begin with this. */
  prefix?: string | null;
  /** The most names of a page, 1 to 1,000. Default: 1,000. */
  limit?: number;
  /** Where to continue: the previous page's `cursor`. */
  cursor?: string | null;
}

/** A value with what is stored beside it. */
export interface KVEntry<Value, Metadata = unknown> {
  /** The value, or `null` if the key does not exist. */
  value: Value | null;
  /** The metadata, or `null` if there is none. */
  metadata: Metadata | null;
  /** When the key expires; absent if it never does, or if the implementation does not know. */
  expiration?: UnixSeconds;
  /** Cloudflare's edge cache status; `null` outside a Worker. */
  cacheStatus: string | null;
}

/** A name in a listing. */
export interface KVListKey<Metadata = unknown> {
  name: string;
  expiration?: UnixSeconds;
  metadata?: Metadata;
}

/** A page of a listing. It may have fewer names than requested, or none, without being the last. */
export type KVListResult<Metadata = unknown> =
  | { list_complete: false; keys: KVListKey<Metadata>[]; cursor: string; cacheStatus: string | null }
  | { list_complete: true; keys: KVListKey<Metadata>[]; cacheStatus: string | null };

/**
 * Cloudflare's `KVNamespace`. Names are ordered by their UTF-8 bytes.
 *
 * `Stream` is the result of `type: "stream"`: adapters accept any platform's stream, and kvplug returns its own type.
 */
export interface KVNamespace<Stream extends KVReadable = KVReadable> {
  /**
   * Reads one value, or several as a `Map` in the same order. A missing key is `null`. How many keys are allowed
   * depends on the implementation.
   *
   * @example
   * const page = await kv.get("page:/");
   * const user = await kv.get<User>("user:1", "json");
   * const both = await kv.get(["a", "b"]); // Map { "a" => "1", "b" => null }
   */
  get(key: string, options?: Partial<KVGetOptions<undefined>>): Promise<string | null>;
  get(key: string, type: "text"): Promise<string | null>;
  get<Value = unknown>(key: string, type: "json"): Promise<Value | null>;
  get(key: string, type: "arrayBuffer"): Promise<ArrayBuffer | null>;
  get(key: string, type: "stream"): Promise<Stream | null>;
  get(key: string, options: KVGetOptions<"text">): Promise<string | null>;
  get<Value = unknown>(key: string, options: KVGetOptions<"json">): Promise<Value | null>;
  get(key: string, options: KVGetOptions<"arrayBuffer">): Promise<ArrayBuffer | null>;
  get(key: string, options: KVGetOptions<"stream">): Promise<Stream | null>;
  get(keys: string[], type: "text"): Promise<Map<string, string | null>>;
  get<Value = unknown>(keys: string[], type: "json"): Promise<Map<string, Value | null>>;
  get(keys: string[], options?: Partial<KVGetOptions<undefined>>): Promise<Map<string, string | null>>;
  get(keys: string[], options: KVGetOptions<"text">): Promise<Map<string, string | null>>;
  get<Value = unknown>(keys: string[], options: KVGetOptions<"json">): Promise<Map<string, Value | null>>;

  /**
   * Reads values with their metadata and, if known, their expiration. For a missing key, `value` is `null`, also among
   * many keys, as Cloudflare's type says; a Worker's binding has `null` in place of the whole entry there.
   *
   * @example
   * const { value, metadata, expiration } = await kv.getWithMetadata<{ type: string }>("logo");
   */
  getWithMetadata<Metadata = unknown>(
    key: string,
    options?: Partial<KVGetOptions<undefined>>,
  ): Promise<KVEntry<string, Metadata>>;
  getWithMetadata<Metadata = unknown>(key: string, type: "text"): Promise<KVEntry<string, Metadata>>;
  getWithMetadata<Value = unknown, Metadata = unknown>(key: string, type: "json"): Promise<KVEntry<Value, Metadata>>;
  getWithMetadata<Metadata = unknown>(key: string, type: "arrayBuffer"): Promise<KVEntry<ArrayBuffer, Metadata>>;
  getWithMetadata<Metadata = unknown>(key: string, type: "stream"): Promise<KVEntry<Stream, Metadata>>;
  getWithMetadata<Metadata = unknown>(key: string, options: KVGetOptions<"text">): Promise<KVEntry<string, Metadata>>;
  getWithMetadata<Value = unknown, Metadata = unknown>(
    key: string,
    options: KVGetOptions<"json">,
  ): Promise<KVEntry<Value, Metadata>>;
  getWithMetadata<Metadata = unknown>(
    key: string,
    options: KVGetOptions<"arrayBuffer">,
  ): Promise<KVEntry<ArrayBuffer, Metadata>>;
  getWithMetadata<Metadata = unknown>(key: string, options: KVGetOptions<"stream">): Promise<KVEntry<Stream, Metadata>>;
  getWithMetadata<Metadata = unknown>(keys: string[], type: "text"): Promise<Map<string, KVEntry<string, Metadata>>>;
  getWithMetadata<Value = unknown, Metadata = unknown>(
    keys: string[],
    type: "json",
  ): Promise<Map<string, KVEntry<Value, Metadata>>>;
  getWithMetadata<Metadata = unknown>(
    keys: string[],
    options?: Partial<KVGetOptions<undefined>>,
  ): Promise<Map<string, KVEntry<string, Metadata>>>;
  getWithMetadata<Metadata = unknown>(
    keys: string[],
    options: KVGetOptions<"text">,
  ): Promise<Map<string, KVEntry<string, Metadata>>>;
  getWithMetadata<Value = unknown, Metadata = unknown>(
    keys: string[],
    options: KVGetOptions<"json">,
  ): Promise<Map<string, KVEntry<Value, Metadata>>>;

  /**
   * Writes a value, and replaces the old value, metadata and expiration.
   *
   * @example
   * await kv.put("session:42", "…", { expirationTtl: 3600, metadata: { user: 7 } });
   */
  put(key: string, value: KVValue, options?: KVPutOptions): Promise<void>;

  /** Deletes a key. Deleting a missing one is not an error. */
  delete(key: string, options?: KVCallOptions): Promise<void>;

  /**
   * Lists a page of names.
   *
   * @example
   * const page = await kv.list({ prefix: "user:" });
   * if (!page.list_complete) await kv.list({ prefix: "user:", cursor: page.cursor });
   */
  list<Metadata = unknown>(options?: KVListOptions): Promise<KVListResult<Metadata>>;
}
