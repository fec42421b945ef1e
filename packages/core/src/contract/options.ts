/**
 * The contract: the options, the interface and the counters that a caller of the driver sees. Each option is checked
 * here, once.
 * It may import the seam.
 *
 * @module
 */
import type { Dispatcher } from "undici";
import { KVError, KVLimitError } from "../seam/errors.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import { MAX_BULK_BYTES, MAX_BULK_GET_KEYS } from "../seam/limits.ts";
import { checkOptionNames, describe } from "../seam/validate.ts";
import type { KVSharedBudget } from "./shared-budget.ts";

/** How requests are retried; see {@link KVClientOptions.retry}. */
export interface KVRetryOptions {
  /**
   * How many attempts a request gets in all, if it fails with a network error, a 5xx, or an answer that is not the
   * API's. A 429 does not count: the client waits. Default: 6.
   */
  attempts?: number;
  /** The limit of the first wait; it doubles with each retry. Default: 100. */
  minDelay?: Milliseconds;
  /** The limit of any wait. Default: 10,000. */
  maxDelay?: Milliseconds;
}

/** How calls share requests; see {@link KVClientOptions.batch}. */
export interface KVBatchOptions {
  /** The most keys of a bulk get, 1 to 100. Default: 100. */
  maxKeys?: number;
  /**
   * The most bytes of a bulk write's body, up to 100,000,000, which is the default. On a slow line the driver lowers
   * it, down to 1,000,000, so that no body takes much longer than ten seconds.
   */
  maxBytes?: number;
  /** The most requests in flight; later calls gather. Default: 64. */
  maxInFlight?: number;
  /**
   * How long a call waits for others to share its request. Default: 0, the end of this turn of the event loop, without
   * a timer.
   */
  window?: Milliseconds;
}

/** A request budget; see {@link KVClientOptions.rateLimit}. */
export interface KVRateLimitOptions {
  /** How many requests may be sent in any `window`. */
  requests: number;
  window: Milliseconds;
  /**
   * What else must let a request pass: a budget that several processes spend together, such as that of `@kvplug/proxy` in
   * Redis. Default: none.
   */
  shared?: KVSharedBudget | undefined;
}

/** Options of {@link createClient}. Of the first five, what you omit is read from the environment at first use. */
export interface KVClientOptions {
  /** The account. Default: `CLOUDFLARE_ACCOUNT_ID`. */
  accountId?: string | undefined;
  /** A token with permission to edit Workers KV. Default: `CLOUDFLARE_API_TOKEN`. */
  apiToken?: string | undefined;
  /** With {@link apiKey}, instead of a token. Default: `CLOUDFLARE_EMAIL`. */
  email?: string | undefined;
  /** The account's global key, with {@link email}. Default: `CLOUDFLARE_API_KEY`. */
  apiKey?: string | undefined;
  /** The API's address. Default: `CLOUDFLARE_API_BASE_URL`, else `https://api.cloudflare.com/client/v4`. */
  baseURL?: string | undefined;

  /**
   * The longest silence in an attempt: while its body is sent, until the answer begins, and between two pieces of the
   * answer. A slow upload is not silence; a stalled source of yours is. undici checks once a second. Default: 30,000.
   */
  timeout?: Milliseconds;
  /**
   * The longest that a call may take, with all attempts and waits. For a call of many requests, such as `clear` or
   * `putMany` of an iterable, the longest that each step may take. It ends the caller's wait, never a write on the
   * wire. Default: 60,000.
   */
  deadline?: Milliseconds;
  /**
   * Requests that are safe to repeat (all but the creation of a namespace) are retried after network errors, 5xx and
   * answers that are not the API's, after a random wait below a limit that doubles (full jitter). After a 429 the
   * client waits as long as its `Retry-After`. `false`: nothing is retried.
   */
  retry?: false | KVRetryOptions;

  /**
   * Calls of one turn of the event loop share requests; so do calls that wait for the budget or for requests in flight.
   * `false`: every `get`, `put` and `delete` is a request of its own; calls for many keys still use bulk requests.
   */
  batch?: false | KVBatchOptions;
  /**
   * The request budget, shared by all namespaces of the client. If several processes use one Cloudflare user, give each
   * its part. The client never exceeds what the API's `Ratelimit` headers say is left; the limit that they name
   * replaces the default, not one that you set. `false`: no budget; the client waits only after a 429. Default: 1,200
   * requests per 300,000 ms against Cloudflare's API; with another `baseURL` none, until the headers report one.
   *
   * @see https://developers.cloudflare.com/fundamentals/api/reference/limits/
   */
  rateLimit?: false | KVRateLimitOptions;
  /**
   * The pause between writes of one key, since KV accepts one a second. It starts after {@link writeBurst} quick
   * writes; a later write replaces one that still waits. 0: no pause. Default: 1,000; with a gateway
   * (`@kvplug/gateway`), what its answers say, which is 0, since it paces writes itself.
   *
   * @see https://developers.cloudflare.com/kv/platform/limits/
   */
  writeInterval?: Milliseconds;
  /** How many writes of a key may follow each other without a pause, as login and logout do. Default: 2. */
  writeBurst?: number;

  /**
   * The most connections to keep open, and as many again for values that are read as streams. Default: 64. Node only.
   */
  connections?: number;
  /** Whether to use HTTP/2 if the server offers it, through a proxy too. Default: `false`. Node only. */
  allowH2?: boolean;
  /**
   * A dispatcher of undici 7 or newer, such as a `MockAgent`; you close it. It decides about HTTP/2 and proxies;
   * redirects are never followed. Default: undici's connections, through the proxy that `HTTPS_PROXY` or `HTTP_PROXY`
   * names, unless `NO_PROXY` exempts the host. Node only: elsewhere `KV_INVALID`.
   */
  dispatcher?: Dispatcher;
  /**
   * A `fetch` to use instead of undici. It receives bodies above 128 KiB as a `ReadableStream`, and `redirect:
   * "manual"`. Default outside Node, and in Bun and Deno: the global one.
   */
  fetch?: typeof globalThis.fetch;
}

/** Options of `createKV`. */
export interface KVOptions extends KVClientOptions {
  /** The namespace. Default: `CLOUDFLARE_KV_NAMESPACE_ID`. */
  namespaceId?: string | undefined;
}

const CLIENT_OPTIONS = [
  "accountId",
  "apiToken",
  "email",
  "apiKey",
  "baseURL",
  "timeout",
  "deadline",
  "retry",
  "batch",
  "rateLimit",
  "writeInterval",
  "writeBurst",
  "connections",
  "allowH2",
  "dispatcher",
  "fetch",
] as const satisfies readonly (keyof KVClientOptions)[];

const BATCH_OPTIONS = ["maxKeys", "maxBytes", "maxInFlight", "window"] as const;
const RATE_LIMIT_OPTIONS = ["requests", "window", "shared"] as const;
const RETRY_OPTIONS = ["attempts", "minDelay", "maxDelay"] as const;

/** What Node's transport needs to know. */
export interface ConnectionOptions {
  readonly connections: number;
  readonly allowH2: boolean;
  readonly dispatcher: Dispatcher | undefined;
  readonly timeout: Milliseconds;
}

/** How calls share requests, with the defaults. */
export type BatchSettings = Readonly<Required<KVBatchOptions>>;

/** The options with their defaults, checked and frozen; without credentials, which may come later. */
export interface Settings extends ConnectionOptions {
  readonly deadline: Milliseconds;
  /** `refused`: whether to wait after a 429. */
  readonly retry: Readonly<Required<KVRetryOptions>> & { readonly refused: boolean };
  /** Whether calls share requests. */
  readonly shared: boolean;
  readonly batch: BatchSettings;
  /** `undefined`: depends on the API's address. */
  readonly rateLimit: false | Readonly<KVRateLimitOptions> | undefined;
  readonly writeInterval: Milliseconds;
  /** Whether the caller set the pace of writes. */
  readonly ownPace: boolean;
  readonly writeBurst: number;
  readonly fetch: typeof globalThis.fetch | undefined;
}

/** Checks the options as far as they are known now. */
export function checkOptions(where: string, options: KVClientOptions, more: readonly string[] = []): Settings {
  checkOptionNames(where, options, [...more, ...CLIENT_OPTIONS]);
  const retry = options.retry === false ? { attempts: 1 } : (options.retry ?? {});
  checkOptionNames("retry", retry, RETRY_OPTIONS);
  if (options.fetch !== undefined && options.dispatcher !== undefined) {
    throw new KVError("KV_INVALID", "Pass either fetch or dispatcher, not both: each replaces the transport.");
  }
  expectKind("fetch", "a function", options.fetch, (fetch) => typeof fetch === "function");
  expectKind(
    "dispatcher",
    "an undici Dispatcher",
    options.dispatcher,
    (it) => typeof it.dispatch === "function" && typeof it.request === "function",
  );
  expectKind("allowH2", "true or false", options.allowH2, (allowH2) => typeof allowH2 === "boolean");
  return Object.freeze({
    timeout: positive("timeout", options.timeout ?? 30_000),
    deadline: positive("deadline", options.deadline ?? 60_000),
    retry: Object.freeze({
      refused: options.retry !== false,
      attempts: whole("retry.attempts", retry.attempts ?? 6),
      minDelay: positive("retry.minDelay", retry.minDelay ?? 100),
      maxDelay: positive("retry.maxDelay", retry.maxDelay ?? 10_000),
    }),
    shared: options.batch !== false,
    batch: checkBatch(options.batch === false ? {} : (options.batch ?? {})),
    rateLimit: options.rateLimit === false ? false : options.rateLimit && checkRateLimit(options.rateLimit),
    writeInterval: notNegative("writeInterval", options.writeInterval ?? 1000),
    ownPace: options.writeInterval !== undefined,
    writeBurst: whole("writeBurst", options.writeBurst ?? 2),
    connections: whole("connections", options.connections ?? 64),
    allowH2: options.allowH2 ?? false,
    dispatcher: options.dispatcher,
    fetch: options.fetch,
  });
}

function checkBatch(batch: KVBatchOptions): BatchSettings {
  checkOptionNames("batch", batch, BATCH_OPTIONS);
  return Object.freeze({
    maxKeys: whole("batch.maxKeys", batch.maxKeys ?? MAX_BULK_GET_KEYS, MAX_BULK_GET_KEYS),
    maxBytes: whole("batch.maxBytes", batch.maxBytes ?? MAX_BULK_BYTES, MAX_BULK_BYTES),
    maxInFlight: whole("batch.maxInFlight", batch.maxInFlight ?? 64),
    window: notNegative("batch.window", batch.window ?? 0),
  });
}

function checkRateLimit(rateLimit: KVRateLimitOptions): Readonly<KVRateLimitOptions> {
  checkOptionNames("rateLimit", rateLimit, RATE_LIMIT_OPTIONS);
  const { shared } = rateLimit;
  expectKind("rateLimit.shared", "a KVSharedBudget", shared, (it) => typeof it.wait === "function");
  return Object.freeze({
    requests: whole("rateLimit.requests", rateLimit.requests),
    window: positive("rateLimit.window", rateLimit.window),
    shared,
  });
}

function expectKind<Value>(
  option: string,
  kind: string,
  value: Value | undefined,
  is: (value: Value) => boolean,
): void {
  if (value === undefined || (value !== null && is(value))) return;
  throw new KVError("KV_INVALID", `${option} must be ${kind}, not ${describe(value)}.`);
}

function notNegative(option: string, value: number): number {
  if (typeof value === "number" && value >= 0 && value !== Number.POSITIVE_INFINITY) return value;
  throw new KVError("KV_INVALID", `${option} must be a number of 0 or more, not ${String(value)}.`);
}

function positive(option: string, value: number): number {
  if (typeof value === "number" && value > 0) return value;
  throw new KVError("KV_INVALID", `${option} must be a number above 0, not ${String(value)}.`);
}

function whole(option: string, value: number, limit: number = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new KVError("KV_INVALID", `${option} must be a whole number above 0, not ${String(value)}.`);
  }
  if (value > limit) throw new KVLimitError(`${option} must be at most ${limit}, not ${value}.`, limit, value);
  return value;
}

/** Throws unless this is a valid deadline. */
export function checkDeadline(deadline: Milliseconds | undefined): void {
  if (deadline === undefined || (typeof deadline === "number" && deadline > 0)) return;
  throw new KVError("KV_INVALID", `deadline must be a number of milliseconds above 0, not ${String(deadline)}.`);
}
