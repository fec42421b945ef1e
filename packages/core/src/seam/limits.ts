/**
 * The limits of Workers KV, as Cloudflare documents them.
 *
 * @see https://developers.cloudflare.com/kv/platform/limits/
 * @see https://developers.cloudflare.com/fundamentals/api/reference/limits/
 * @module
 */
import type { Milliseconds, Seconds } from "./kv-namespace.ts";

/** The longest key, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 512;

/** The largest value: 25 MiB. */
export const MAX_VALUE_BYTES: number = 25 * 1024 * 1024;

/** The most metadata of a key, in bytes of serialised JSON. */
export const MAX_METADATA_BYTES = 1024;

/** The shortest life of a key; an `expiration` must be as far ahead. */
export const MIN_EXPIRATION_TTL_SECONDS: Seconds = 60;

/** The shortest time for which the edge caches a Worker's read. */
export const MIN_CACHE_TTL_SECONDS: Seconds = 30;

/** How long it does by default. */
export const DEFAULT_CACHE_TTL_SECONDS: Seconds = 60;

/** The most pairs of a bulk write, and keys of a bulk delete. */
export const MAX_BULK_KEYS = 10_000;

/** The most keys of a bulk get. */
export const MAX_BULK_GET_KEYS = 100;

/** The largest body of a bulk write: 100 MB, decimal. */
export const MAX_BULK_BYTES = 100_000_000;

/** The most names in a page of a listing. */
export const MAX_LIST_LIMIT = 1000;

/** The smallest page of names that the REST API allows. */
export const MIN_REST_LIST_LIMIT = 10;

/** The most namespaces in a page of their listing. */
export const MAX_NAMESPACES_PER_PAGE = 1000;

/** The longest title of a namespace. */
export const MAX_TITLE_LENGTH = 512;

/** What Cloudflare's API allows one user, over the dashboard and all tokens. */
export const CLOUDFLARE_RATE_LIMIT: { readonly requests: number; readonly window: Milliseconds } = {
  requests: 1200,
  window: 300_000,
};
