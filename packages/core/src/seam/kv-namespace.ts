/**
 * The seam of kvplug: Cloudflare's own `KVNamespace`, as every part of the project implements or
 * consumes it. A Worker's `env.KV` is assignable to {@link KVNamespace}, and every implementation
 * here is assignable to the type of `@cloudflare/workers-types`; type tests prove both.
 *
 * It differs from Cloudflare's type in additions only, all of them optional: a `signal` on each
 * call, and {@link KVEntry.expiration} where the implementation knows it.
 */
import type { Milliseconds, Seconds, UnixSeconds } from "../time/units.ts";

export type { Milliseconds, Seconds, UnixSeconds };

/** How a value is handed out: `"text"` (the default), `"json"`, `"arrayBuffer"` or `"stream"`. */
export type KVValueType = "text" | "json" | "arrayBuffer" | "stream";

/**
 * A web stream of bytes, as every platform has one. It names only what the type declarations of
 * Node, of the DOM and of Workers agree upon, so that a stream of either passes.
 */
export interface KVReadable {
  readonly locked: boolean;
  cancel(reason?: any): Promise<void>;
}

/**
 * The `ReadableStream` that kvplug hands out. At run time it is the platform's own; the loose
 * members let it pass as Node's type and as that of `@cloudflare/workers-types` in one program,
 * which contradict each other in the details of exactly these.
 */
export interface KVStream extends ReadableStream {
  getReader(): ReadableStreamDefaultReader;
  getReader(options: { mode: "byob" }): any;
  pipeThrough(transform: any, options?: any): any;
  pipeTo(destination: any, options?: any): Promise<void>;
  tee(): [KVStream, KVStream];
}

/** What may be stored: text (as UTF-8), bytes, or a stream of bytes. */
export type KVValue = string | ArrayBuffer | ArrayBufferView | KVReadable;

/** Options that every call takes. */
export interface KVCallOptions {
  /** Aborts this call alone; it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * How long the call may take, waits and attempts included, and all of its requests where it takes many. Default: the
   * client's `deadline`. Only the REST driver waits.
   */
  deadline?: Milliseconds | undefined;
}

/** Options of {@link KVNamespace.get} and {@link KVNamespace.getWithMetadata}. */
export interface KVGetOptions<Type extends KVValueType | undefined> extends KVCallOptions {
  /** How the value is handed out. Default: `"text"`. */
  type: Type;
  /** How long the edge of a Worker, or of a gateway, may keep the value: at least 30. Cloudflare's API knows no such thing. */
  cacheTtl?: Seconds;
}

/** Options of {@link KVNamespace.put}. */
export interface KVPutOptions extends KVCallOptions {
  /** The moment at which the key expires, at least 60 s ahead. `expirationTtl` wins over it. */
  expiration?: UnixSeconds;
  /** How long the key lives: whole seconds, at least 60. */
  expirationTtl?: Seconds;
  /** Any JSON, at most 1,024 bytes when serialised. It is listed with the key. */
  metadata?: unknown;
}

/** Options of {@link KVNamespace.list}. */
export interface KVListOptions extends KVCallOptions {
  /** Only names that begin with this. */
  prefix?: string | null;
  /** The most names a page holds, 1 to 1,000. Default: 1,000. */
  limit?: number;
  /** Where to go on: the `cursor` of the page before. */
  cursor?: string | null;
}

/** A value with what is stored beside it. */
export interface KVEntry<Value, Metadata = unknown> {
  /** The value, or `null` where the key does not exist. */
  value: Value | null;
  /** The metadata, or `null` where there is none. */
  metadata: Metadata | null;
  /** When the key expires; absent where it never does, or where the implementation cannot know. */
  expiration?: UnixSeconds;
  /** Cloudflare's edge cache status; `null` outside of a Worker. */
  cacheStatus: string | null;
}

/** A name in a listing. */
export interface KVListKey<Metadata = unknown> {
  name: string;
  expiration?: UnixSeconds;
  metadata?: Metadata;
}

/** A page of a listing. It may hold fewer names than asked for, or none, and not be the last. */
export type KVListResult<Metadata = unknown> =
  | { list_complete: false; keys: KVListKey<Metadata>[]; cursor: string; cacheStatus: string | null }
  | { list_complete: true; keys: KVListKey<Metadata>[]; cacheStatus: string | null };

/**
 * Cloudflare's `KVNamespace`. Names are listed in the order of their UTF-8 bytes.
 *
 * `Stream` is what `type: "stream"` gives: what is handed to an adapter need not say which
 * platform's stream that is, what kvplug hands out does.
 */
export interface KVNamespace<Stream extends KVReadable = KVReadable> {
  /**
   * Reads one value, or up to any implementation's number of them as a `Map` in the order asked
   * for. A key that does not exist is `null`.
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
   * Reads values with their metadata and, where it is known, their expiration. Of a key that does not exist the `value`
   * is `null`, among many keys as well: so says Cloudflare's type, though a Worker's binding has `null` in place of
   * the entry there.
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
   * Writes a value, replacing what was there: value, metadata and expiration.
   *
   * @example
   * await kv.put("session:42", "…", { expirationTtl: 3600, metadata: { user: 7 } });
   */
  put(key: string, value: KVValue, options?: KVPutOptions): Promise<void>;

  /** Deletes a key. Deleting one that does not exist is no error. */
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
