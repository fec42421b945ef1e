import { withCache } from "@kvplug/cache";
import type { CacheBound, CacheOptions } from "@kvplug/cache";
import type { KVClientOptions } from "@kvplug/core";
import { KVError, MAX_VALUE_BYTES, checkOptionNames, describe } from "@kvplug/core/seam";
import type { KVNamespace, Milliseconds } from "@kvplug/core/seam";
import type { Place } from "@kvplug/server/http";
import { MAX_MULTIPART_OVERHEAD_BYTES, isLoopback } from "@kvplug/server/routes";
import { SILENT } from "./log.ts";
import type { ProxyLog } from "./log.ts";
import { checkBudget } from "./shared-budget/budget-option.ts";
import type { ProxyBudgetOptions } from "./shared-budget/budget-option.ts";
import { checkTokens } from "./tokens-option.ts";
import type { CheckedTokens, ProxyToken } from "./tokens-option.ts";

/** Options of {@link createProxy}. */
export interface ProxyOptions {
  /**
   * The upstream's address and credentials: Cloudflare, a gateway, or another proxy. Default: `CLOUDFLARE_ACCOUNT_ID`,
   * `CLOUDFLARE_API_TOKEN` and `CLOUDFLARE_API_BASE_URL`.
   */
  upstream?: Omit<KVClientOptions, "deadline"> | undefined;
  /** The port; 0 picks a free one. Default: 0. */
  port?: number | undefined;
  /** The address to listen on. Anything but loopback requires a token. Default: `"127.0.0.1"`. */
  host?: string | undefined;
  /** A Unix socket to listen on instead of a port. Only this user can open it. */
  socket?: string | undefined;
  /** A token with full access. Default: none. Without any token, the proxy answers only on loopback. */
  token?: string | undefined;
  /** Tokens by name, each with its hash and scope. */
  tokens?: Readonly<Record<string, ProxyToken>> | undefined;
  /** Caches reads, as `withCache` does, with these bounds per namespace. Default: none. */
  cache?: (CacheOptions & CacheBound) | undefined;
  /** How several proxies share one request budget. Default: one proxy with the whole budget. */
  budget?: ProxyBudgetOptions | undefined;
  /**
   * How long a request may take by default, if it has neither `Prefer: wait=SECONDS` nor the timeout that Cloudflare's
   * SDKs send along. It then gets 429 with `Retry-After`, or 504. Default: 25,000, less than most clients wait.
   */
  patience?: Milliseconds | undefined;
  /** How long `close` waits for running requests. Default: 20,000. */
  drain?: Milliseconds | undefined;
  /**
   * How many bytes of request bodies, and of answers that callers have not read yet, may be in memory together. Those up to
   * 64 KiB do not count; what does not fit gets 503 with `Retry-After`. With several tokens, none of them holds more than
   * half of it. At least 26,279,936, for the largest value. Default: 268,435,456 (256 MiB).
   */
  maxHeldBytes?: number | undefined;
  /** The proxy's logger, such as pino's. It never gets a key, a value or a token. Default: none. */
  log?: ProxyLog | undefined;
}

/** The checked options, with defaults. */
export interface CheckedOptions extends CheckedTokens {
  readonly upstream: Omit<KVClientOptions, "deadline">;
  readonly place: Place;
  readonly cache: (CacheOptions & CacheBound) | undefined;
  readonly budget: ProxyBudgetOptions | undefined;
  readonly patience: Milliseconds;
  readonly drain: Milliseconds;
  readonly maxHeldBytes: number;
  readonly log: ProxyLog;
}

/** The largest value, in a form. */
const LARGEST_VALUE_BYTES = MAX_VALUE_BYTES + MAX_MULTIPART_OVERHEAD_BYTES;

/** Ten of the largest values at once, in a container of 1 GiB: a bulk write takes several times its bytes while it runs. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;

const NAMES: readonly (keyof ProxyOptions)[] = [
  "upstream",
  "port",
  "host",
  "socket",
  "token",
  "tokens",
  "cache",
  "budget",
  "patience",
  "drain",
  "maxHeldBytes",
  "log",
];

/** Checks all options but those of upstream; throws an error that names the first invalid one. */
export function checkOptions(options: ProxyOptions): CheckedOptions {
  checkOptionNames("createProxy", options, NAMES);
  const { upstream = {}, cache, budget, token, tokens: named, log = SILENT } = options;
  if ("deadline" in upstream) {
    throw new KVError(
      "KV_INVALID",
      "upstream has no deadline here: each request has its own, which is patience by default.",
    );
  }
  if (cache !== undefined) checkCache(cache);
  checkBudget(budget, upstream.rateLimit);
  const checked = checkTokens(token, named);
  const place = checkPlace(options);
  if ("host" in place && checked.tokens === undefined && !isLoopback(place.host)) {
    throw new KVError(
      "KV_CONFIG",
      `Set a token to listen on ${place.host}: beyond loopback, anyone could read and write.`,
    );
  }
  return {
    upstream,
    ...checked,
    place,
    cache,
    budget,
    patience: positive("patience", options.patience ?? 25_000),
    drain: positive("drain", options.drain ?? 20_000),
    maxHeldBytes: checkMaxHeldBytes(options.maxHeldBytes ?? MAX_HELD_BYTES),
    log,
  };
}

function checkPlace({ port, host = "127.0.0.1", socket }: ProxyOptions): Place {
  if (socket !== undefined) {
    if (port !== undefined) throw new KVError("KV_INVALID", "Pass either socket or port, not both.");
    return { socket: text("socket", "the path of a Unix socket", socket) };
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new KVError("KV_INVALID", `port must be a whole number from 0 to 65535, not ${describe(port)}.`);
  return { host: text("host", "an address to listen on", host), port: port ?? 0 };
}

/** Throws for what `withCache` does not take: the first of them is opened later. */
function checkCache(cache: CacheOptions & CacheBound): void {
  const nowhere = (): Promise<never> => Promise.reject(new Error("Nobody asks it."));
  const nothing = { get: nowhere, getWithMetadata: nowhere, put: nowhere, delete: nowhere, list: nowhere };
  const { bus: _, ...others } = cache as CacheOptions & Extract<CacheBound, { max: number }>;
  void withCache(nothing as KVNamespace, others).close();
}

function text(option: string, what: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new KVError("KV_INVALID", `${option} must be ${what}, not ${value === "" ? '""' : describe(value)}.`);
}

function checkMaxHeldBytes(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= LARGEST_VALUE_BYTES) return value as number;
  throw new KVError(
    "KV_INVALID",
    `maxHeldBytes must be a whole number of bytes, at least ${LARGEST_VALUE_BYTES}, not ${describe(value)}.`,
  );
}

function positive(option: string, value: unknown): Milliseconds {
  if (typeof value === "number" && value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new KVError("KV_INVALID", `${option} must be a number of milliseconds above 0, not ${describe(value)}.`);
}
