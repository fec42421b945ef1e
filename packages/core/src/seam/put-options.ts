/**
 * Checks of what is stored beside a value: its expiration and its metadata.
 *
 * @module
 */
import { KVError, KVLimitError } from "./errors.ts";
import type { KVPutOptions, Milliseconds, Seconds, UnixSeconds } from "./kv-namespace.ts";
import { MAX_METADATA_BYTES, MIN_EXPIRATION_TTL_SECONDS } from "./limits.ts";
import { CALL_OPTIONS, checkOptionNames, describe, quoteKey, utf8Length } from "./validate.ts";

function checkSeconds(option: string, value: unknown, key: string): asserts value is Seconds {
  if (value instanceof Date) {
    throw new KVError(
      "KV_INVALID",
      `${option} of ${quoteKey(key)} must be a number of seconds, not a Date: use Math.floor(date.getTime() / 1000).`,
      { key },
    );
  }
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw new KVError(
      "KV_INVALID",
      `${option} of ${quoteKey(key)} must be a whole number of seconds, not ${describe(value)}.`,
      {
        key,
      },
    );
  }
}

/** In the year 5138. A later one is usually milliseconds. */
const LATEST_EXPIRATION: UnixSeconds = 100_000_000_000;

function checkExpirationTtl(value: unknown, key: string, now: Milliseconds): Seconds {
  checkSeconds("expirationTtl", value, key);
  if (value < MIN_EXPIRATION_TTL_SECONDS) {
    throw new KVLimitError(
      `expirationTtl must be at least ${MIN_EXPIRATION_TTL_SECONDS} seconds; that of ${quoteKey(key)} is ${value}.`,
      MIN_EXPIRATION_TTL_SECONDS,
      value,
      key,
    );
  }
  const most = LATEST_EXPIRATION - Math.floor(now / 1000);
  if (value > most) {
    throw new KVLimitError(
      `expirationTtl must be at most ${most} seconds, until the year 5138; that of ${quoteKey(key)} is ${value}: ` +
        "leave it out if the key should never expire.",
      most,
      value,
      key,
    );
  }
  return value;
}

function checkExpiration(value: unknown, key: string, now: Milliseconds): UnixSeconds {
  checkSeconds("expiration", value, key);
  const ahead = value - Math.floor(now / 1000);
  if (ahead < MIN_EXPIRATION_TTL_SECONDS) {
    throw new KVLimitError(
      `expiration must be at least ${MIN_EXPIRATION_TTL_SECONDS} seconds ahead; that of ${quoteKey(key)} is ${value}, ` +
        (ahead < 0 ? `${-ahead} s in the past.` : `${ahead} s ahead.`),
      MIN_EXPIRATION_TTL_SECONDS,
      ahead,
      key,
    );
  }
  if (value > LATEST_EXPIRATION) {
    throw new KVLimitError(
      `expiration is in seconds since 1970; that of ${quoteKey(key)} is ${value}, which looks like milliseconds.`,
      LATEST_EXPIRATION,
      value,
      key,
    );
  }
  return value;
}

/** A lone surrogate as JSON writes it, and not the text of such an escape, whose backslash is doubled. */
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/** Serialises metadata; throws if it is not JSON, or too long. Returns `undefined` if there is none. */
export function checkMetadata(key: string, metadata: unknown): string | undefined {
  if (metadata === undefined || metadata === null) return undefined;
  let json: string | undefined;
  try {
    json = JSON.stringify(metadata);
  } catch (cause) {
    throw new KVError("KV_INVALID", `The metadata of ${quoteKey(key)} cannot be serialised as JSON.`, { key, cause });
  }
  if (json === undefined) {
    throw new KVError("KV_INVALID", `The metadata of ${quoteKey(key)} must be JSON, not ${describe(metadata)}.`, {
      key,
    });
  }
  if (LONE_SURROGATE.test(json)) {
    throw new KVError(
      "KV_INVALID",
      `The metadata of ${quoteKey(key)} contains a lone surrogate, which UTF-8 cannot encode.`,
      { key },
    );
  }
  // Which may be what becomes of NaN and Infinity.
  if (json.includes("null")) checkNumbers(key, metadata);
  const bytes = utf8Length(json);
  if (bytes > MAX_METADATA_BYTES) {
    throw new KVLimitError(
      `Metadata may have up to ${MAX_METADATA_BYTES} bytes of JSON; that of ${quoteKey(key)} has ${bytes}.`,
      MAX_METADATA_BYTES,
      bytes,
      key,
    );
  }
  return json;
}

/** Throws if JSON would turn a number into `null`. */
function checkNumbers(key: string, metadata: unknown): void {
  JSON.stringify(metadata, (_name, value: unknown) => {
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new KVError(
        "KV_INVALID",
        `The metadata of ${quoteKey(key)} contains ${value}, which JSON cannot represent.`,
        {
          key,
        },
      );
    }
    return value;
  });
}

/** The checked {@link KVPutOptions}. */
export interface CheckedPutOptions {
  expiration?: UnixSeconds;
  expirationTtl?: Seconds;
  /** The metadata, serialised. */
  metadata?: string;
}

const PUT_OPTIONS = ["expiration", "expirationTtl", "metadata", ...CALL_OPTIONS] as const;

/**
 * Checks the options of a `put`. If both `expirationTtl` and `expiration` are given, the first wins and the second is
 * ignored, as in the API.
 */
export function checkPutOptions(key: string, options: KVPutOptions, now: Milliseconds): CheckedPutOptions {
  checkOptionNames("put", options, PUT_OPTIONS);
  const checked: CheckedPutOptions = {};
  const { expiration, expirationTtl } = options;
  if (expirationTtl !== undefined && expirationTtl !== null)
    checked.expirationTtl = checkExpirationTtl(expirationTtl, key, now);
  else if (expiration !== undefined && expiration !== null) checked.expiration = checkExpiration(expiration, key, now);
  const metadata = checkMetadata(key, options.metadata);
  if (metadata !== undefined) checked.metadata = metadata;
  return checked;
}
