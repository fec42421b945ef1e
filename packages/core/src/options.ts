import type { Dispatcher } from "undici";
import { KVError } from "./errors.ts";
import type { Milliseconds } from "./kv-namespace.ts";
import { checkOptionNames } from "./validate.ts";

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
   * How long an attempt may go without a sign of life: until the answer begins, and between two
   * pieces of it. Default: 30,000.
   */
  timeout?: Milliseconds;
  /** How long a call may take with all its attempts and waits. Default: 60,000. */
  deadline?: Milliseconds;
  /**
   * What may be repeated without harm (all but the creation of a namespace) is tried again on
   * network faults, 5xx and answers that are not the API's, after a random wait under a bound that
   * doubles (full jitter). A 429 is waited for as long as its `Retry-After` says. `false`: nothing
   * is tried again.
   */
  retry?: false | KVRetryOptions;

  /** The most connections that are kept open. Default: 64. Node only. */
  connections?: number;
  /** Whether HTTP/2 may be used where the server offers it. Default: `false`. Node only. */
  allowH2?: boolean;
  /** An undici dispatcher (a `ProxyAgent`, for one) to use in place of an own one; closing it stays with the caller. Node only. */
  dispatcher?: Dispatcher;
  /** A `fetch` to use in place of undici. Default where there is no Node: the global one. */
  fetch?: typeof globalThis.fetch;
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
  "connections",
  "allowH2",
  "dispatcher",
  "fetch",
] as const satisfies readonly (keyof KVClientOptions)[];

const RETRY_OPTIONS = ["attempts", "minDelay", "maxDelay"] as const;

/** What the transport of Node needs to know. */
export interface ConnectionOptions {
  readonly connections: number;
  readonly allowH2: boolean;
  readonly dispatcher: Dispatcher | undefined;
}

/** The options with their defaults, checked and frozen; credentials are apart, since they may come later. */
export interface Settings extends ConnectionOptions {
  readonly timeout: Milliseconds;
  readonly deadline: Milliseconds;
  readonly retry: Readonly<Required<KVRetryOptions>>;
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
  return Object.freeze({
    timeout: positive("timeout", options.timeout ?? 30_000),
    deadline: positive("deadline", options.deadline ?? 60_000),
    retry: Object.freeze({
      attempts: whole("retry.attempts", retry.attempts ?? 6),
      minDelay: positive("retry.minDelay", retry.minDelay ?? 100),
      maxDelay: positive("retry.maxDelay", retry.maxDelay ?? 10_000),
    }),
    connections: whole("connections", options.connections ?? 64),
    allowH2: options.allowH2 ?? false,
    dispatcher: options.dispatcher,
    fetch: options.fetch,
  });
}

function positive(option: string, value: number): number {
  if (typeof value === "number" && value > 0) return value;
  throw new KVError("KV_INVALID", `${option} must be a number above 0, and it is ${String(value)}.`);
}

function whole(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new KVError("KV_INVALID", `${option} must be a whole number above 0, and it is ${String(value)}.`);
}
