import {
  CACHE_DEADLINE,
  checkCacheDeadline,
  checkOptionNames,
  describe,
  KVError,
  type Milliseconds,
} from "@kvplug/core/seam";
import type { CacheBus } from "./bus/bus.ts";
import { checkTagsOptions, type KVTagsOptions } from "./tags/kv-tags.ts";

/** How much the cache holds: a number of entries, of bytes, or both. At least one is required. */
export type CacheBound =
  | {
      /** The most entries. */
      max: number;
      /** The most bytes of keys, values and metadata, plus 320 for each entry. Default: 64 MiB. */
      maxBytes?: number;
    }
  | {
      /** The most entries. Default: as many as `maxBytes` holds. */
      max?: number;
      maxBytes: number;
    };

/** When the circuit breaker stops asking a failing backend. */
export interface CircuitOptions {
  /** How many failures in a row open the circuit. Default: 5. */
  failures?: number;
  /** How long the circuit stays open before one call tries again. Default: 5,000. */
  cooldown?: Milliseconds;
}

/** How tags are stored. */
export type CacheTagsOptions = Pick<KVTagsOptions, "prefix" | "maxEntryTtl">;

/** Options of {@link withCache}, besides the bound. */
export interface CacheOptions {
  /** How long a copy is fresh; never longer than its key lives. Default: 60,000, as stale as KV's own reads may be. */
  ttl?: Milliseconds;
  /** How long a missing key is cached; 0: not at all. Default: `ttl`. */
  negativeTtl?: Milliseconds;
  /** How long after `ttl` a read returns the old copy while it refreshes in the background. Default: 0. */
  staleWhileRevalidate?: Milliseconds;
  /**
   * How long after `ttl` a read returns the old copy if the backend fails, or is slower than `fetchTimeout`. Default:
   * 0.
   */
  staleIfError?: Milliseconds;
  /**
   * How long a read waits for the backend if the call has no `deadline` of its own. After that it rejects with
   * `KV_TIMEOUT`, or returns a stale copy that `staleIfError` allows; `wrap` computes a value. `Infinity`: as long as
   * the backend. Writes always wait as long as the backend. Default: 5,000, short enough for a web request.
   */
  deadline?: Milliseconds;
  /**
   * How long a read waits for the backend before it returns a stale copy that `staleIfError` allows. Default:
   * `deadline`.
   */
  fetchTimeout?: Milliseconds;
  /** Larger values, in bytes, pass through uncached. Default: 1 MiB, or `maxBytes` if that is less. */
  maxValueBytes?: number;
  /** When to stop asking a failing backend; needs `staleIfError`. `false`: never. */
  circuit?: false | CircuitOptions;
  /** Tells other processes which copies are out of date. Default: none; their copies last until `ttl`. */
  bus?: CacheBus;
  /** Lets entries carry tags, which invalidate them; `true`, or how tags are stored. Default: no tags. */
  tags?: true | CacheTagsOptions;
}

/** The options with their defaults, checked and frozen. */
export interface CacheSettings {
  readonly max: number | undefined;
  readonly maxBytes: number;
  readonly ttl: Milliseconds;
  readonly negativeTtl: Milliseconds;
  readonly staleWhileRevalidate: Milliseconds;
  readonly staleIfError: Milliseconds;
  readonly deadline: Milliseconds;
  readonly fetchTimeout: Milliseconds | undefined;
  readonly maxValueBytes: number;
  readonly circuit: Readonly<Required<CircuitOptions>> | undefined;
  readonly bus: CacheBus | undefined;
  readonly tags: Readonly<CacheTagsOptions> | undefined;
}

const OPTIONS = [
  "max",
  "maxBytes",
  "ttl",
  "negativeTtl",
  "staleWhileRevalidate",
  "staleIfError",
  "deadline",
  "fetchTimeout",
  "maxValueBytes",
  "circuit",
  "bus",
  "tags",
] as const satisfies readonly (keyof CacheOptions | "max" | "maxBytes")[];

const DEFAULT_TTL: Milliseconds = 60_000;
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
const DEFAULT_MAX_VALUE_BYTES = 1024 * 1024;

/** Checks the options of {@link withCache}. */
export function checkCacheOptions(options: CacheOptions & Partial<CacheBound>): CacheSettings {
  checkOptionNames("withCache", options ?? {}, OPTIONS);
  const { max, fetchTimeout, bus, tags } = options ?? {};
  if (max === undefined && options?.maxBytes === undefined) {
    throw new KVError(
      "KV_INVALID",
      "A cache needs a bound: pass { max: 10_000 } (entries), { maxBytes: 64 * 1024 * 1024 }, or both.",
    );
  }
  const maxBytes = whole("maxBytes", "bytes", options.maxBytes ?? DEFAULT_MAX_BYTES, 1);
  const deadline = options.deadline ?? CACHE_DEADLINE;
  checkCacheDeadline(deadline);
  const ttl = whole("ttl", "milliseconds", options.ttl ?? DEFAULT_TTL, 1);
  const staleIfError = whole("staleIfError", "milliseconds", options.staleIfError ?? 0, 0);
  const circuit = options.circuit === false ? undefined : checkCircuit(options.circuit ?? {});
  if (bus !== undefined && (typeof bus?.publish !== "function" || typeof bus.subscribe !== "function")) {
    throw new KVError("KV_INVALID", `bus must have the methods publish and subscribe, not ${describe(bus)}.`);
  }
  const settings = {
    max: max === undefined ? undefined : whole("max", "entries", max, 1),
    maxBytes,
    ttl,
    negativeTtl: whole("negativeTtl", "milliseconds", options.negativeTtl ?? ttl, 0),
    staleWhileRevalidate: whole("staleWhileRevalidate", "milliseconds", options.staleWhileRevalidate ?? 0, 0),
    staleIfError,
    deadline,
    fetchTimeout: fetchTimeout === undefined ? undefined : whole("fetchTimeout", "milliseconds", fetchTimeout, 1),
    maxValueBytes: whole(
      "maxValueBytes",
      "bytes",
      options.maxValueBytes ?? Math.min(maxBytes, DEFAULT_MAX_VALUE_BYTES),
      1,
    ),
    circuit: staleIfError === 0 ? undefined : circuit,
    bus,
    tags: tags === undefined ? undefined : checkCacheTags(tags),
  };
  const idle = (["fetchTimeout", "circuit"] as const).find((name) => options[name]);
  if (staleIfError === 0 && idle !== undefined) {
    throw new KVError(
      "KV_INVALID",
      `${idle} needs staleIfError, which is 0: pass { staleIfError: 3_600_000 } as well, or no ${idle}.`,
    );
  }
  return Object.freeze(settings);
}

function checkCircuit(circuit: CircuitOptions): Readonly<Required<CircuitOptions>> {
  checkOptionNames("circuit", circuit, ["failures", "cooldown"]);
  return Object.freeze({
    failures: whole("circuit.failures", "failures in a row", circuit.failures ?? 5, 1),
    cooldown: whole("circuit.cooldown", "milliseconds", circuit.cooldown ?? 5_000, 1),
  });
}

function checkCacheTags(tags: true | CacheTagsOptions): Readonly<CacheTagsOptions> {
  if (tags === true) return {};
  checkOptionNames("tags", tags, ["prefix", "maxEntryTtl"]);
  const { prefix, maxEntryTtl } = checkTagsOptions("tags", tags);
  return Object.freeze({ prefix, maxEntryTtl });
}

/** Throws unless this is a whole number of at least `least`. 0 is a value, not the default. */
export function whole(option: string, unit: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new KVError(
    "KV_INVALID",
    `${option} must be a whole number of ${unit}, ${least} or more, not ${describe(value)}.`,
  );
}
