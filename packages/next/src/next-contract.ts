/**
 * Next's contract of a cache handler, as far as this package uses it. Next exports no such types.
 *
 * @see https://nextjs.org/docs/app/api-reference/config/next-config-js/incrementalCacheHandlerPath
 * @see https://nextjs.org/docs/app/api-reference/config/next-config-js/cacheHandlers
 * @module
 */
import type { Milliseconds, Seconds } from "@kvplug/core/seam";

/** The header of a page that names its tags. Next removes it before the response goes out. */
export const TAGS_HEADER = "x-next-cache-tags";

/** What Next constructs a handler with. */
export interface HandlerContext {
  readonly dev?: boolean;
  readonly serverDistDir?: string;
  readonly [other: string]: unknown;
}

/** Next's times of a response. */
export interface CacheControl {
  readonly revalidate: Seconds | false;
  readonly expire?: Seconds | undefined;
}

/** A page, an answer of a route handler, a redirect, an image, or the data of a `fetch`. */
export interface ResponseValue {
  readonly kind: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Of a `fetch` and of an image. */
  readonly revalidate?: Seconds | false;
  readonly [other: string]: unknown;
}

/** What `get` is called with. */
export interface GetContext {
  readonly kind?: string;
  readonly tags?: readonly string[];
  readonly softTags?: readonly string[];
  readonly [other: string]: unknown;
}

/** What `set` is called with. */
export interface SetContext {
  readonly fetchCache?: boolean;
  readonly tags?: readonly string[];
  readonly cacheControl?: CacheControl;
  readonly [other: string]: unknown;
}

/** What `get` returns. `value` is `null` for a page that is not found. */
export interface HandlerValue {
  readonly lastModified: Milliseconds;
  readonly value: ResponseValue | null;
  readonly cacheControl?: CacheControl;
}

/** For `expire` seconds, an invalidated entry may be served while Next makes it again; without durations, not at all. */
export interface Durations {
  readonly expire?: Seconds | undefined;
}

/** The class that `cacheHandler` of the config names. Next makes several a request. */
export interface ResponseHandler {
  get(key: string, context: GetContext): Promise<HandlerValue | null>;
  set(key: string, value: ResponseValue | null, context: SetContext): Promise<void>;
  revalidateTag(tags: string | readonly string[], durations?: Durations): Promise<void>;
  resetRequestCache(): void;
}

/** The result of a function with `use cache`. */
export interface ResultEntry {
  readonly value: ReadableStream<Uint8Array>;
  readonly tags: string[];
  /** For the browser. */
  readonly stale: Seconds;
  readonly timestamp: Milliseconds;
  readonly expire: Seconds;
  readonly revalidate: Seconds;
}

/** The object that an entry of `cacheHandlers` names. */
export interface ResultHandler {
  get(key: string, softTags: readonly string[]): Promise<ResultEntry | undefined>;
  set(key: string, entry: Promise<ResultEntry>): Promise<void>;
  refreshTags(): Promise<void>;
  getExpiration(tags: readonly string[]): Promise<Milliseconds>;
  updateTags(tags: readonly string[], durations?: Durations): Promise<void>;
  /** Next 15 calls this instead of `updateTags`. */
  expireTags(...tags: string[]): Promise<void>;
}
