import type { CacheBound, CacheOptions } from "@kvplug/cache";
import type { KVOptions } from "@kvplug/core";
import {
  checkCacheDeadline,
  checkOptionNames,
  describe,
  KVError,
  redactURLs,
  type KVNamespace,
  type Milliseconds,
  type Seconds,
} from "@kvplug/core/seam";

/** The package's name, by which frameworks load the driver and errors name it. */
export const DRIVER_NAME = "@kvplug/unstorage";

/** Options of `withCache` that are JSON. Its times are in milliseconds. */
export type KVStorageCacheOptions = CacheBound & Omit<CacheOptions, "bus">;

/**
 * Options of the driver: its own, and those of `createKV` that are JSON. Credentials and ids that are omitted or empty
 * are read from the environment at first use.
 */
export interface KVStorageOptions extends Omit<KVOptions, "baseURL" | "deadline" | "dispatcher" | "fetch"> {
  /**
   * The API's address, with or without `/client/v4`. Default: `CLOUDFLARE_API_BASE_URL`, else
   * `https://api.cloudflare.com`.
   */
  apiURL?: string | undefined;
  /** Prefixes each key, with a `:`. Default: none; this storage then owns the whole KV namespace. */
  base?: string | undefined;
  /** How long items live if they set neither `ttl` nor `expiration`; 0: forever. Default: 0. */
  ttl?: Seconds | undefined;
  /** The lowest `ttl`; shorter ones are raised to it. Default: 0. */
  minTTL?: Seconds | undefined;
  /**
   * How long a read waits before it rejects with `KV_TIMEOUT`. `Infinity`: as long as the namespace waits. Writes,
   * `getKeys` and `clear` always wait as long as the namespace; the REST driver waits a minute. Default: 5,000, short
   * enough for a web request.
   */
  deadline?: Milliseconds | undefined;
  /** An LRU cache in front, in this process. Its `deadline` defaults to the one above. Default: none. */
  cache?: KVStorageCacheOptions | undefined;
  /** A Worker's binding, or its name in `globalThis` or `globalThis.__env__`, instead of the REST API. */
  binding?: string | KVNamespace<any> | undefined;
  /** Any `KVNamespace`, instead of the REST API. You close it yourself. */
  kv?: KVNamespace<any> | undefined;
}

/** The driver's own options, for any namespace. */
const OWN = {
  base: true,
  ttl: true,
  minTTL: true,
  deadline: true,
  cache: true,
  binding: true,
  kv: true,
} satisfies Partial<Record<keyof KVStorageOptions, true>>;

/** What the REST driver takes. */
const REST = {
  accountId: true,
  namespaceId: true,
  apiToken: true,
  email: true,
  apiKey: true,
  apiURL: true,
  timeout: true,
  retry: true,
  batch: true,
  rateLimit: true,
  writeInterval: true,
  writeBurst: true,
  connections: true,
  allowH2: true,
} satisfies Record<Exclude<keyof KVStorageOptions, keyof typeof OWN>, true>;

/**
 * Returns the options that are set. Nitro passes the whole mount, including the driver's name, and unset values of a
 * runtime config are empty strings.
 */
export function givenOptions(mount: KVStorageOptions): KVStorageOptions {
  return Object.fromEntries(Object.entries(mount ?? {}).filter(([name, value]) => name !== "driver" && value !== ""));
}

/** @throws {KVError} `KV_INVALID` for an unknown or invalid option. */
export function checkStorageOptions(where: string, options: KVStorageOptions): void {
  checkOptionNames(where, options, [...Object.keys(REST), ...Object.keys(OWN)]);
  const { base, ttl, minTTL, deadline, apiURL, cache, kv, binding } = options;
  for (const [name, text] of Object.entries({ base, apiURL })) {
    if (text !== undefined && typeof text !== "string") {
      throw new KVError("KV_INVALID", `${name} must be a string, not ${describe(text)}.`);
    }
  }
  if (apiURL !== undefined && redactURLs(apiURL) !== apiURL)
    throw new KVError(
      "KV_INVALID",
      "apiURL must not contain a user name or password: they would be shown, and are not sent.",
    );
  if (cache !== undefined && (typeof cache !== "object" || cache === null)) {
    throw new KVError("KV_INVALID", `cache must be an object such as { max: 1000 }, not ${describe(cache)}.`);
  }
  if (ttl !== undefined) checkSeconds("ttl", ttl);
  if (minTTL !== undefined) checkSeconds("minTTL", minTTL);
  if (deadline !== undefined) checkCacheDeadline(deadline);
  if (kv === undefined && binding === undefined) return;
  const idle = Object.keys(REST).find((name) => options[name as keyof typeof REST] !== undefined);
  const second = kv !== undefined && binding !== undefined ? "binding" : idle;
  if (second === undefined) return;
  throw new KVError(
    "KV_INVALID",
    `${second} has no effect with ${kv === undefined ? "binding" : "kv"}, which already is a namespace: pass only one of them.`,
  );
}

/** @throws {KVError} `KV_INVALID` unless this is a length of time; 0 is one. */
export function checkSeconds(option: string, value: unknown, key?: string): asserts value is Seconds {
  if (typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return;
  throw new KVError("KV_INVALID", `${option} must be a number of seconds, 0 or more, not ${describe(value)}.`, {
    key,
  });
}

/** Returns the options for display: only JSON, and no secret. */
export function redact(options: KVStorageOptions): KVStorageOptions {
  const { kv: _, binding, ...shown } = options;
  if (typeof binding === "string") Object.assign(shown, { binding });
  for (const secret of ["apiToken", "apiKey"] as const) {
    if (shown[secret] !== undefined) shown[secret] = "[redacted]";
  }
  if (typeof shown.apiURL === "string") shown.apiURL = redactURLs(shown.apiURL);
  return shown;
}
