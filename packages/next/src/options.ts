import type { CacheBus } from "@kvplug/cache";
import type { KVOptions } from "@kvplug/core";
import { checkOptionNames, describe, KVError, type KVNamespace, type Milliseconds } from "@kvplug/core/seam";

/** Options of {@link configureKV}. Each wins over its variable of the environment. */
export interface NextKVOptions {
  /**
   * The namespace, or the options of the driver that opens one. Default: the driver's, which reads
   * `CLOUDFLARE_ACCOUNT_ID`, `CLOUDFLARE_KV_NAMESPACE_ID` and `CLOUDFLARE_API_TOKEN`.
   */
  kv?: KVNamespace<any> | KVOptions;
  /** The prefix of all keys. Default: `KVPLUG_NEXT_PREFIX`, else `"next:"`. */
  prefix?: string;
  /** How long a visitor waits for KV before Next renders the page again. Default: `KVPLUG_NEXT_DEADLINE`, else 500. */
  deadline?: Milliseconds;
  /**
   * How long a process uses its copies of pages and data before it reads them again. Default: `KVPLUG_NEXT_TTL`, else 60,000, as old as KV's
   * own reads may be.
   */
  ttl?: Milliseconds;
  /** How long a process uses what it knows of tags before it reads them again. Default: `KVPLUG_NEXT_TAG_TTL`, else 10,000. */
  tagTtl?: Milliseconds;
  /** The most bytes of copies in a process. Default: `KVPLUG_NEXT_MAX_BYTES`, else 64 MiB. */
  maxBytes?: number;
  /** Carries invalidations of tags to other processes at once. Default: none; they see it after `tagTtl` and KV's delay. */
  bus?: CacheBus;
}

/** The options with their defaults. */
export interface NextKVSettings extends Required<Omit<NextKVOptions, "bus">> {
  readonly bus: CacheBus | undefined;
}

const OPTIONS = [
  "kv",
  "prefix",
  "deadline",
  "ttl",
  "tagTtl",
  "maxBytes",
  "bus",
] as const satisfies readonly (keyof NextKVOptions)[];

/** Reads missing options from the environment. @throws {KVError} `KV_INVALID` for an unknown or invalid option. */
export function settingsOf(options: NextKVOptions): NextKVSettings {
  checkOptionNames("configureKV", options, OPTIONS);
  return {
    kv: options.kv ?? {},
    prefix: options.prefix ?? process.env["KVPLUG_NEXT_PREFIX"] ?? "next:",
    deadline: whole("deadline", "KVPLUG_NEXT_DEADLINE", "milliseconds", options.deadline, 500),
    ttl: whole("ttl", "KVPLUG_NEXT_TTL", "milliseconds", options.ttl, 60_000),
    tagTtl: whole("tagTtl", "KVPLUG_NEXT_TAG_TTL", "milliseconds", options.tagTtl, 10_000),
    maxBytes: whole("maxBytes", "KVPLUG_NEXT_MAX_BYTES", "bytes", options.maxBytes, 64 * 1024 * 1024),
    bus: options.bus,
  };
}

function whole(option: string, variable: string, unit: string, given: number | undefined, usual: number): number {
  const text = process.env[variable];
  const value = given ?? (text === undefined || text === "" ? usual : Number(text));
  if (Number.isSafeInteger(value) && value > 0) return value;
  const [what, is] = given === undefined ? [variable, JSON.stringify(text)] : [option, describe(given)];
  throw new KVError("KV_INVALID", `${what} must be a whole number of ${unit} above 0, not ${is}.`);
}

/** Whether this process keeps anything in KV. It does not while it builds or develops, unless `KVPLUG_NEXT` is `on`. */
export function isWanted(dev: boolean): boolean {
  const wanted = process.env["KVPLUG_NEXT"];
  if (wanted === "on" || wanted === "off") return wanted === "on";
  return !dev && process.env["NEXT_PHASE"] !== "phase-production-build";
}
