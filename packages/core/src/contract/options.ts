/**
 * The contract: the options, the interface and the figures that a caller of the driver sees.
 * Each option is checked here, once.
 * It may touch the seam.
 *
 * @module
 */
import type { Dispatcher } from "undici";
import { KVError, KVLimitError } from "../seam/errors.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import { MAX_BULK_BYTES, MAX_BULK_GET_KEYS } from "../seam/limits.ts";
import { checkOptionNames, describe } from "../seam/validate.ts";
import type { KVSharedBudget } from "./shared-budget.ts";

/** How requests are tried again; see {@link KVClientOptions.retry}. */
export interface KVRetryOptions {
  /**
   * How often a request is tried in all, when it fails on the way (a network fault, a 5xx, an
   * answer that is not the API's). A 429 does not count: it is waited for. Default: 6.
   */
  attempts?: number;
  /** The bound of the first wait; it doubles with each one that follows. Default: 100. */
  minDelay?: Milliseconds;
  /** The bound that the waits do not outgrow. Default: 10,000. */
  maxDelay?: Milliseconds;
}

/** How calls share requests; see {@link KVClientOptions.batch}. */
export interface KVBatchOptions {
  /** The most keys of a bulk read, 1 to 100. Default: 100. */
  maxKeys?: number;
  /**
   * The most bytes of a bulk write's body, up to 100,000,000, which is the default. Over a slow line, bodies get smaller by
   * themselves, as small as 1,000,000, so that none takes much longer than ten seconds.
   */
  maxBytes?: number;
  /** The most requests that are in flight at once; what comes meanwhile gathers. Default: 64. */
  maxInFlight?: number;
  /**
   * How long a first call waits for others to share its request. Default: 0, which is the end of the
   * present turn of the event loop, on no timer.
   */
  window?: Milliseconds;
}

/** A request budget; see {@link KVClientOptions.rateLimit}. */
export interface KVRateLimitOptions {
  /** How many requests may be sent in any stretch of `window`. */
  requests: number;
  window: Milliseconds;
  /**
   * What else must let a request pass: a budget that several processes spend together, such as that of `@kvplug/proxy` in
   * Redis. Default: none.
   */
  shared?: KVSharedBudget | undefined;
}

/** Options of {@link createClient}. What is not passed of the first five is read from the environment at first use. */
export interface KVClientOptions {
  /** The account. Default: `CLOUDFLARE_ACCOUNT_ID`. */
  accountId?: string | undefined;
  /** A token that may edit Workers KV. Default: `CLOUDFLARE_API_TOKEN`. */
  apiToken?: string | undefined;
  /** With {@link apiKey}, instead of a token. Default: `CLOUDFLARE_EMAIL`. */
  email?: string | undefined;
  /** The account's global key, with {@link email}. Default: `CLOUDFLARE_API_KEY`. */
  apiKey?: string | undefined;
  /** Where the API is. Default: `CLOUDFLARE_API_BASE_URL`, else `https://api.cloudflare.com/client/v4`. */
  baseURL?: string | undefined;

  /**
   * How long nothing may move in an attempt: while its body goes out, until the answer begins, and between two pieces
   * of that. A slow upload is no silence, and a source of the caller's that stalls is. undici looks once a second.
   * Default: 30,000.
   */
  timeout?: Milliseconds;
  /**
   * How long a call may take with all its attempts and waits; of a call that takes many requests, such as `clear` or
   * `putMany` of an iterable, each step of it. It ends the caller's wait, and no write on the wire. Default: 60,000.
   */
  deadline?: Milliseconds;
  /**
   * What may be repeated without harm (all but the creation of a namespace) is tried again on
   * network faults, 5xx and answers that are not the API's, after a random wait under a bound that
   * doubles (full jitter). A 429 is waited for as long as its `Retry-After` says. `false`: nothing
   * is tried again.
   */
  retry?: false | KVRetryOptions;

  /**
   * Calls of one turn of the event loop share requests, and so do calls that wait for the budget or
   * for what is in flight. `false`: every `get`, `put` and `delete` is a request of its own; what is
   * asked for as many keys still travels in bulk.
   */
  batch?: false | KVBatchOptions;
  /**
   * The request budget, shared by all namespaces of the client. Where several processes use one
   * Cloudflare user, give each its part. What the API's `Ratelimit` headers say is left is never
   * exceeded; the limit that they name takes the place of the default, not of one that is passed.
   * `false`: no budget, only a 429 makes the client wait. Default: 1,200 requests per
   * 300,000 ms against Cloudflare's API; none, until the headers tell one, where `baseURL` is another.
   *
   * @see https://developers.cloudflare.com/fundamentals/api/reference/limits/
   */
  rateLimit?: false | KVRateLimitOptions;
  /**
   * KV takes one write a second of each key. After {@link writeBurst} quick ones, writes of a key are
   * this far apart, and what is written meanwhile is replaced by what comes later. 0: no pace. Default: 1,000; with a
   * gateway (`@kvplug/gateway`), what its answers say, which is 0, since it minds the pace itself.
   *
   * @see https://developers.cloudflare.com/kv/platform/limits/
   */
  writeInterval?: Milliseconds;
  /** How many writes of a key may follow each other at once (login and logout do that). Default: 2. */
  writeBurst?: number;

  /** The most connections that are kept open, and as many again for values that are read as streams. Default: 64. Node only. */
  connections?: number;
  /** Whether HTTP/2 may be used where the server offers it, through a proxy too. Default: `false`. Node only. */
  allowH2?: boolean;
  /**
   * An undici dispatcher (a `MockAgent`, for one) to use in place of an own one; closing it stays with the caller. Of
   * undici 7 or newer; whether it speaks HTTP/2, and through which proxy, is its own business. It is told to follow no
   * redirect. Default: connections of undici's, through the proxy that `HTTPS_PROXY` or `HTTP_PROXY` names, unless
   * `NO_PROXY` excepts the host. Node only: elsewhere `KV_INVALID`.
   */
  dispatcher?: Dispatcher;
  /**
   * A `fetch` to use in place of undici. It gets bodies above 128 KiB as a `ReadableStream`, and `redirect: "manual"`.
   * Default where there is no Node, and in Bun and Deno: the global one.
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

/** What the transport of Node needs to know. */
export interface ConnectionOptions {
  readonly connections: number;
  readonly allowH2: boolean;
  readonly dispatcher: Dispatcher | undefined;
  readonly timeout: Milliseconds;
}

/** How calls share requests, with the defaults. */
export type BatchSettings = Readonly<Required<KVBatchOptions>>;

/** The options with their defaults, checked and frozen; credentials are apart, since they may come later. */
export interface Settings extends ConnectionOptions {
  readonly deadline: Milliseconds;
  /** `refused`: whether a 429 is waited for. */
  readonly retry: Readonly<Required<KVRetryOptions>> & { readonly refused: boolean };
  /** Whether calls share requests. */
  readonly shared: boolean;
  readonly batch: BatchSettings;
  /** `undefined` where it depends on where the API is. */
  readonly rateLimit: false | Readonly<KVRateLimitOptions> | undefined;
  readonly writeInterval: Milliseconds;
  /** Whether the pace of writes is the caller's, and not the default. */
  readonly ownPace: boolean;
  readonly writeBurst: number;
  readonly fetch: typeof globalThis.fetch | undefined;
}

/** Checks the options as far as they can be known now. */
export function checkOptions(where: string, options: KVClientOptions, more: readonly string[] = []): Settings {
  checkOptionNames(where, options, [...more, ...CLIENT_OPTIONS]);
  const retry = options.retry === false ? { attempts: 1 } : (options.retry ?? {});
  checkOptionNames("retry", retry, RETRY_OPTIONS);
  if (options.fetch !== undefined && options.dispatcher !== undefined) {
    throw new KVError("KV_INVALID", "Pass either fetch or dispatcher, not both: each says how requests travel.");
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
  throw new KVError("KV_INVALID", `${option} must be a number of 0 or more, and it is ${String(value)}.`);
}

function positive(option: string, value: number): number {
  if (typeof value === "number" && value > 0) return value;
  throw new KVError("KV_INVALID", `${option} must be a number above 0, and it is ${String(value)}.`);
}

function whole(option: string, value: number, limit: number = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new KVError("KV_INVALID", `${option} must be a whole number above 0, and it is ${String(value)}.`);
  }
  if (value > limit) throw new KVLimitError(`${option} may be ${limit} at most, and it is ${value}.`, limit, value);
  return value;
}

/** Throws unless this can be a deadline. */
export function checkDeadline(deadline: Milliseconds | undefined): void {
  if (deadline === undefined || (typeof deadline === "number" && deadline > 0)) return;
  throw new KVError("KV_INVALID", `deadline must be a number of milliseconds above 0, and it is ${String(deadline)}.`);
}
