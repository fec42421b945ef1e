import type { Seconds } from "./kv-namespace.ts";

/**
 * What went wrong, for programs to branch on.
 *
 * | code | meaning |
 * |---|---|
 * | `KV_INVALID` | an argument or option has the wrong type |
 * | `KV_LIMIT` | an argument exceeds a limit of KV; nothing was sent |
 * | `KV_CONFIG` | credentials or ids are missing |
 * | `KV_AUTH` | the API refused the credentials |
 * | `KV_NOT_FOUND` | the namespace, account or route does not exist (a missing key is `null`, not an error) |
 * | `KV_RATE_LIMIT` | the API's rate limit held the call up until its deadline |
 * | `KV_VALUE` | a value is not JSON, as requested |
 * | `KV_BULK` | some keys of a bulk write or delete failed |
 * | `KV_API` | the API answered with any other error |
 * | `KV_NETWORK` | no answer, or one that is not the API's |
 * | `KV_TIMEOUT` | no answer in time |
 * | `KV_STORAGE` | the file of a local store cannot be read or written now |
 * | `KV_CLOSED` | the client was closed |
 */
export type KVErrorCode =
  | "KV_INVALID"
  | "KV_LIMIT"
  | "KV_CONFIG"
  | "KV_AUTH"
  | "KV_NOT_FOUND"
  | "KV_RATE_LIMIT"
  | "KV_VALUE"
  | "KV_BULK"
  | "KV_API"
  | "KV_NETWORK"
  | "KV_TIMEOUT"
  | "KV_STORAGE"
  | "KV_CLOSED";

/** An entry of `errors` in the API's answer. */
export interface KVApiMessage {
  code: number;
  message: string;
  /** The underlying errors, in the API's own words. */
  error_chain?: readonly KVApiMessage[];
}

/** Where an error came from; what does not apply is absent. */
export interface KVErrorDetails {
  /** The key that it is about. */
  key?: string | undefined;
  /** The HTTP status of the API's answer. */
  httpStatus?: number | undefined;
  /** The API's own errors. */
  errors?: readonly KVApiMessage[] | undefined;
  /** The request's method. */
  method?: string | undefined;
  /** The request's path, without its query. It names the account and the namespace, which the message does not. */
  path?: string | undefined;
  /** The answer's `cf-ray`, for Cloudflare's support. */
  cfRay?: string | undefined;
  /** The underlying error, such as the transport's. */
  cause?: unknown;
}

/**
 * The base class of every error that kvplug throws, with two exceptions: an aborted call rejects with its signal's
 * reason, and what the caller's stream or callback throws is passed on unchanged. It never contains a token or a value.
 *
 * @example
 * try {
 *   await kv.put(key, value);
 * } catch (error) {
 *   if (isKVError(error) && error.code === "KV_LIMIT") skip(error.key);
 *   else throw error;
 * }
 */
export class KVError extends Error {
  override name = "KVError";
  readonly code: KVErrorCode;
  // What does not apply is not there, rather than `undefined`: an error is printed with all of its fields.
  declare readonly key?: string;
  /**
   * The HTTP status of the API's answer. Not called `status`, because Express, Fastify, Koa and h3 would answer their
   * own visitor with it.
   */
  declare readonly httpStatus?: number;
  readonly errors: readonly KVApiMessage[];
  declare readonly method?: string;
  declare readonly path?: string;
  declare readonly cfRay?: string;

  constructor(code: KVErrorCode, message: string, details: KVErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.errors = details.errors ?? [];
    if (details.key !== undefined) this.key = details.key;
    if (details.httpStatus !== undefined) this.httpStatus = details.httpStatus;
    if (details.method !== undefined) this.method = details.method;
    if (details.path !== undefined) this.path = details.path;
    if (details.cfRay !== undefined) this.cfRay = details.cfRay;
  }
}

/** An argument that exceeds a limit of KV. Nothing was sent. */
export class KVLimitError extends KVError {
  override name = "KVLimitError";
  /** The limit, in the unit that the message names. */
  readonly limit: number;
  /** The actual figure. */
  readonly actual: number;

  constructor(message: string, limit: number, actual: number, key?: string, cause?: unknown) {
    super("KV_LIMIT", message, { key, cause });
    this.limit = limit;
    this.actual = actual;
  }
}

/** The API's rate limit held the call up until its deadline. */
export class KVRateLimitError extends KVError {
  override name = "KVRateLimitError";
  /** How long until the API answers again. */
  readonly retryAfter: Seconds;

  constructor(message: string, retryAfter: Seconds, details: KVErrorDetails = {}) {
    super("KV_RATE_LIMIT", message, details);
    this.retryAfter = retryAfter;
  }
}

/** Some keys of a bulk write or delete failed; all others are done. */
export class KVBulkError extends KVError {
  override name = "KVBulkError";
  /** The keys that failed, in the order in which they were given. */
  readonly keys: readonly string[];
  // Where a log would not find them: they may be ten thousand.
  readonly #reasons: ReadonlyMap<string, unknown>;

  /** @param reasons The error of each key. */
  constructor(message: string, reasons: ReadonlyMap<string, unknown>, details: KVErrorDetails = {}) {
    super("KV_BULK", message, details);
    this.keys = [...reasons.keys()];
    this.#reasons = reasons;
  }

  /** The error of each key, usually a {@link KVError}. The first one is the `cause`. */
  get reasons(): ReadonlyMap<string, unknown> {
    return this.#reasons;
  }
}

/** Returns whether this is an error of kvplug; works across several copies of the package. */
export function isKVError(error: unknown): error is KVError {
  return error instanceof Error && "code" in error && String(error.code).startsWith("KV_");
}
