import { KVError, checkOptionNames } from "@kvplug/core/seam";
import type { Milliseconds } from "@kvplug/core/seam";
import { checkNumber, checkObject, checkWhole, refuse } from "../option-checks.ts";

/** How many requests are answered in a period. */
export interface RateLimit {
  requests: number;
  /** A window starts with the first request after the previous one ended. */
  window: Milliseconds;
}

/** How often one key may be written. */
export interface WriteLimit {
  /** Default: 1000. */
  interval: Milliseconds;
  /**
   * How many writes a key may get at once after a pause. Default: 2, the driver's `writeBurst`: a login followed by a
   * request writes a session twice. Cloudflare documents 1; the driver handles the 429.
   *
   * @see https://developers.cloudflare.com/kv/api/write-key-value-pairs/#limits-to-kv-writes-to-the-same-key
   */
  burst: number;
}

/** Shares of requests that fail, each from 0 to 1; `errors`, `drops` and `html` add up to at most 1. */
export interface Faults {
  /** Answered with 500, 502 or 503 in the API's envelope, before or after the work was done. */
  errors: number;
  /** Connections that break: before the work, after it, or in the middle of the answer. */
  drops: number;
  /** Answered with a proxy's HTML page, as 502 or 503, before or after the work was done. */
  html: number;
  /** The share of keys of a bulk write or delete that fail and are reported as such. */
  unsuccessfulKeys: number;
}

/** The faults that the server injects; none by default. All but `latency` follow the server's `now`. */
export interface FaultInjection {
  /** How long each request waits before it is handled: a number, or a random one between two. Default: 0. */
  latency?: Milliseconds | readonly [min: Milliseconds, max: Milliseconds] | undefined;
  /**
   * The request budget; above it, 429 with code 971 and `Retry-After`. Each answer's `Ratelimit` headers show what is
   * left. Cloudflare's is `{ requests: 1200, window: 300_000 }`. Default: none.
   */
  rateLimit?: RateLimit | undefined;
  /**
   * Limits the writes and deletes of one key; `true` is one a second, after two at once. Above it, 429 with code 10429;
   * in a bulk request, an unsuccessful key. Default: false.
   */
  writeLimit?: boolean | Partial<WriteLimit> | undefined;
  /** Failures. Default: none. */
  faults?: Partial<Faults> | undefined;
  /**
   * How long after a write a read may return the old state; `"eventual"` is a minute. Default: every read sees every
   * write.
   */
  consistency?: "eventual" | { propagation: Milliseconds } | undefined;
  /** Makes the random choices repeatable, request by request. Default: 1. */
  seed?: number | undefined;
}

/** The options as the server works with them. */
export interface CheckedFaultInjection {
  latency: readonly [Milliseconds, Milliseconds];
  rateLimit: RateLimit | undefined;
  writeLimit: WriteLimit | undefined;
  faults: Faults;
  propagation: Milliseconds | undefined;
  seed: number;
}

export const UNKINDNESS_NAMES: readonly (keyof FaultInjection)[] = [
  "latency",
  "rateLimit",
  "writeLimit",
  "faults",
  "consistency",
  "seed",
];

const MINUTE: Milliseconds = 60_000;

/** Throws an error that names the first invalid option. */
export function checkFaultInjection({
  latency = 0,
  rateLimit,
  writeLimit,
  faults = {},
  consistency,
  seed = 1,
}: FaultInjection): CheckedFaultInjection {
  if (!Number.isSafeInteger(seed)) refuse("seed", "a whole number", seed);
  return {
    latency: checkLatency(latency),
    rateLimit: rateLimit === undefined ? undefined : checkRateLimit(rateLimit),
    writeLimit: writeLimit === undefined || writeLimit === false ? undefined : checkWriteLimit(writeLimit),
    faults: checkFaults(faults),
    propagation: consistency === undefined ? undefined : checkConsistency(consistency),
    seed,
  };
}

function checkLatency(latency: NonNullable<FaultInjection["latency"]>): readonly [Milliseconds, Milliseconds] {
  const bounds = typeof latency === "number" ? ([latency, latency] as const) : latency;
  if (!Array.isArray(bounds) || bounds.length !== 2)
    refuse("latency", "milliseconds, or an array of two of them", latency);
  const [min, max] = bounds;
  checkNumber("latency", min, 0, MINUTE, "milliseconds");
  checkNumber("latency", max, min, MINUTE, "milliseconds");
  return [min, max];
}

function checkRateLimit(rateLimit: RateLimit): RateLimit {
  checkObject("rateLimit", rateLimit);
  checkOptionNames("rateLimit", rateLimit, ["requests", "window"]);
  const { requests, window } = rateLimit;
  checkWhole("rateLimit.requests", requests, 1, Number.MAX_SAFE_INTEGER, "a number");
  checkNumber("rateLimit.window", window, 1, Number.MAX_SAFE_INTEGER, "milliseconds");
  return { requests, window };
}

function checkWriteLimit(writeLimit: true | Partial<WriteLimit>): WriteLimit {
  const given = writeLimit === true ? {} : writeLimit;
  checkObject("writeLimit", given);
  checkOptionNames("writeLimit", given, ["interval", "burst"]);
  const { interval = 1000, burst = 2 } = given;
  checkNumber("writeLimit.interval", interval, 1, Number.MAX_SAFE_INTEGER, "milliseconds");
  checkWhole("writeLimit.burst", burst, 1, Number.MAX_SAFE_INTEGER, "a number");
  return { interval, burst };
}

function checkFaults(faults: Partial<Faults>): Faults {
  checkObject("faults", faults);
  checkOptionNames("faults", faults, ["errors", "drops", "html", "unsuccessfulKeys"]);
  const { errors = 0, drops = 0, html = 0, unsuccessfulKeys = 0 } = faults;
  for (const [name, share] of Object.entries({ errors, drops, html, unsuccessfulKeys })) {
    checkNumber(`faults.${name}`, share, 0, 1, "a share");
  }
  const sum = errors + drops + html;
  if (sum > 1) throw new KVError("KV_INVALID", `faults: errors, drops and html must add up to at most 1, not ${sum}.`);
  return { errors, drops, html, unsuccessfulKeys };
}

function checkConsistency(consistency: NonNullable<FaultInjection["consistency"]>): Milliseconds {
  if (consistency === "eventual") return MINUTE;
  if (typeof consistency !== "object") refuse("consistency", `"eventual" or { propagation }`, consistency);
  checkObject("consistency", consistency);
  checkOptionNames("consistency", consistency, ["propagation"]);
  checkNumber("consistency.propagation", consistency.propagation, 0, Number.MAX_SAFE_INTEGER, "milliseconds");
  return consistency.propagation;
}
