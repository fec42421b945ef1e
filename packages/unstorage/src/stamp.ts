import {
  checkMetadata,
  describe,
  expirationTtlOf,
  KVError,
  KVLimitError,
  MAX_METADATA_BYTES,
  MIN_EXPIRATION_TTL_SECONDS,
  quoteKey,
  utf8Length,
  type KVPutOptions,
  type Milliseconds,
  type Seconds,
} from "@kvplug/core/seam";
import type { KVItemOptions } from "./items.ts";
import { checkSeconds } from "./options.ts";

/** What this driver keeps of an item in its KV metadata, beside the caller's own: KV knows no time of writing and nothing shorter than 60 s. */
export interface Stamp {
  /** When it was written, since 1970. */
  readonly mtime: Milliseconds;
  /** Until when it is good, since 1970. */
  readonly until?: Milliseconds;
  /** Whether it was written as a raw value, and so is never in base64. */
  readonly raw?: true;
}

/** The last moment that a `Date` can hold, some 270,000 years ahead. */
const MAX_DATE: Milliseconds = 8.64e15;

/** Under this name, which a caller's metadata may therefore not use. */
const STAMP = "$";

/** What holds for writes that say nothing themselves. */
export interface WriteDefaults {
  readonly ttl: Seconds;
  readonly minTTL: Seconds;
}

/** @throws {KVError} `KV_INVALID` for options that cannot be, `KV_LIMIT` for metadata that is too long. */
export function putOptionsOf(key: string, options: KVItemOptions, defaults: WriteDefaults, raw: boolean): KVPutOptions {
  const { expirationTtl } = options as KVPutOptions;
  if (expirationTtl !== undefined) {
    // Drivers of bindings pass it on; here it would be lost, and the item would never expire.
    throw new KVError("KV_INVALID", `expirationTtl is called ttl here: rename it for ${quoteKey(key)}.`, { key });
  }
  const now = Date.now();
  const { until, ...expiry } = expiryOf(key, options, defaults, now);
  const stamp: Stamp = { mtime: now, ...(until !== undefined && { until }), ...(raw && { raw }) };
  return { ...expiry, metadata: stamped(key, options.metadata, stamp) };
}

type Expiry = Pick<KVPutOptions, "expiration" | "expirationTtl"> & Pick<Stamp, "until">;

function expiryOf(key: string, options: KVItemOptions, defaults: WriteDefaults, now: Milliseconds): Expiry {
  const { expiration } = options;
  const ttl = options.ttl ?? (expiration === undefined || expiration === null ? defaults.ttl : undefined);
  if (ttl !== undefined) {
    checkSeconds(`ttl of ${quoteKey(key)}`, ttl, key);
    return ttl === 0 ? {} : expiryIn(Math.max(ttl, defaults.minTTL) * 1000, now);
  }
  const until = typeof expiration === "number" ? expiration * 1000 : Number.NaN;
  const ahead = until - now;
  // By the time it is sent it could be nearer than KV takes it.
  if (ahead > 0 && ahead < 2 * MIN_EXPIRATION_TTL_SECONDS * 1000) return { ...expiryIn(ahead, now), until };
  // What cannot be, the namespace's own checks refuse.
  return { expiration: typeof expiration === "number" ? Math.ceil(expiration) : expiration!, until };
}

function expiryIn(ttl: Milliseconds, now: Milliseconds): Expiry {
  return { expirationTtl: expirationTtlOf(ttl), until: Math.min(Math.ceil(now + ttl), MAX_DATE) };
}

function stamped(key: string, metadata: unknown, stamp: Stamp): object {
  const own = { [STAMP]: stamp };
  const json = checkMetadata(key, metadata);
  if (json === undefined) return own;
  const plain: unknown = JSON.parse(json);
  if (typeof plain !== "object" || plain === null || Array.isArray(plain)) {
    throw new KVError("KV_INVALID", `The metadata of ${quoteKey(key)} must be an object, not ${describe(metadata)}.`, {
      key,
    });
  }
  if (Object.hasOwn(plain, STAMP)) {
    throw new KVError(
      "KV_INVALID",
      `The metadata of ${quoteKey(key)} has a property "${STAMP}", which this driver reserves.`,
      { key },
    );
  }
  const bytes = utf8Length(json);
  const kept = utf8Length(JSON.stringify(own));
  // Both are objects of JSON, which share two braces and gain a comma.
  if (bytes + kept - 1 <= MAX_METADATA_BYTES) return { ...plain, ...own };
  throw new KVLimitError(
    `Metadata may have up to ${MAX_METADATA_BYTES} bytes of JSON, of which this driver needs ${kept - 1}; that of ${quoteKey(key)} has ${bytes}.`,
    MAX_METADATA_BYTES - kept + 1,
    bytes,
    key,
  );
}

/** The stamp in an item's KV metadata; `undefined` where another hand wrote it. */
export function stampOf(metadata: unknown): Stamp | undefined {
  const stamp = (metadata as { [STAMP]?: Stamp } | null | undefined)?.[STAMP];
  return isMoment(stamp?.mtime) && (stamp?.until === undefined || isMoment(stamp.until)) ? stamp : undefined;
}

/** Whether a `Date` can hold it; if not, another program wrote it. */
function isMoment(value: unknown): boolean {
  return typeof value === "number" && !Number.isNaN(new Date(value).getTime());
}

/** Whether an item is still good. What another hand wrote is, as long as it is there. */
export function isGood(metadata: unknown): boolean {
  const until = stampOf(metadata)?.until;
  return until === undefined || until > Date.now();
}

/** The caller's part of an item's KV metadata; `undefined` where there is none. */
export function ownMetadata(metadata: unknown): object | undefined {
  if (metadata === null || metadata === undefined) return undefined;
  if (stampOf(metadata) === undefined) return metadata;
  const { [STAMP]: _, ...own } = metadata as Record<string, unknown>;
  return Object.keys(own).length === 0 ? undefined : own;
}
