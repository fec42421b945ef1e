/**
 * The checks of arguments, made before anything is sent or stored. Each error names the limit, the
 * figure and the key.
 *
 * @module
 */
import { KVError, KVLimitError } from "./errors.ts";
import type { KVListOptions, KVPutOptions, Milliseconds, Seconds, UnixSeconds } from "./kv-namespace.ts";
import {
  MAX_KEY_BYTES,
  MAX_LIST_LIMIT,
  MAX_METADATA_BYTES,
  MAX_VALUE_BYTES,
  MIN_EXPIRATION_TTL_SECONDS,
} from "./limits.ts";
import { nearest } from "./nearest.ts";

const encoder = new TextEncoder();

/** The length of a text in bytes of UTF-8. */
export function utf8Length(text: string): number {
  return typeof Buffer === "undefined" ? encoder.encode(text).byteLength : Buffer.byteLength(text);
}

/** A key as it may stand in a message: in quotes, shortened, without line breaks. */
export function quoteKey(key: unknown): string {
  return JSON.stringify(typeof key === "string" && key.length > 80 ? `${key.slice(0, 77)}…` : key);
}

/** As {@link describe}, of what may be a value: which number it is, is nobody else's business. */
export function kindOf(value: unknown): string {
  return typeof value === "number" ? "a number" : describe(value);
}

/** What something is, as a message may say it: of texts and objects never the content. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object")
    return `an object (${Object.getPrototypeOf(value)?.constructor?.name ?? "without prototype"})`;
  return `a ${typeof value}`;
}

/** Throws unless this may be the name of a key. */
export function checkKey(key: unknown): asserts key is string {
  if (typeof key !== "string") {
    throw new KVError("KV_INVALID", `A key must be a string, not ${describe(key)}.`);
  }
  if (key === "") throw new KVLimitError("A key must have at least 1 byte; this one is empty.", 1, 0, key);
  if (key === "." || key === "..") {
    throw new KVError(
      "KV_INVALID",
      `KV does not allow the key ${quoteKey(key)}: a URL treats it as a step in its path.`,
      {
        key,
      },
    );
  }
  if (!key.isWellFormed()) {
    throw new KVError("KV_INVALID", `The key ${quoteKey(key)} contains a lone surrogate, which UTF-8 cannot encode.`, {
      key,
    });
  }
  // A UTF-16 unit is at most three bytes of UTF-8: short keys need no counting.
  if (key.length * 3 <= MAX_KEY_BYTES) return;
  const bytes = utf8Length(key);
  if (bytes > MAX_KEY_BYTES) {
    throw new KVLimitError(
      `A key may have up to ${MAX_KEY_BYTES} bytes of UTF-8; ${quoteKey(key)} has ${bytes}.`,
      MAX_KEY_BYTES,
      bytes,
      key,
    );
  }
}

/** Throws unless all of these may be names of keys. */
export function checkKeys(keys: unknown): asserts keys is string[] {
  if (!Array.isArray(keys)) throw new KVError("KV_INVALID", `Keys must be an array of strings, not ${describe(keys)}.`);
  for (const key of keys) checkKey(key);
}

/** Throws the error for a value above {@link MAX_VALUE_BYTES}. */
export function checkValueBytes(key: string, bytes: number): void {
  if (bytes > MAX_VALUE_BYTES) {
    throw new KVLimitError(
      `A value may have up to ${MAX_VALUE_BYTES} bytes (25 MiB); that of ${quoteKey(key)} has ${bytes}.`,
      MAX_VALUE_BYTES,
      bytes,
      key,
    );
  }
}

/** Throws unless this text can be stored byte for byte; returns its length in bytes of UTF-8. */
export function checkText(key: string, text: string): number {
  if (!text.isWellFormed()) {
    throw new KVError(
      "KV_INVALID",
      `The value of ${quoteKey(key)} contains a lone surrogate, which UTF-8 cannot encode. Store it as bytes.`,
      { key },
    );
  }
  const bytes = utf8Length(text);
  checkValueBytes(key, bytes);
  return bytes;
}

/** The options that every call takes. */
export const CALL_OPTIONS = ["signal", "deadline"] as const;

/** Throws on an option that does not exist, naming those that do. */
export function checkOptionNames(where: string, options: object, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new KVError("KV_INVALID", `The options of ${where} must be an object, not ${describe(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      // An adapter may have one of the driver's as its own.
      const list = known.length === 0 ? "none" : [...new Set(known)].join(", ");
      const meant = nearest(name.slice(0, 80), known);
      const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
      throw new KVError("KV_INVALID", `${where} has no option ${quoteKey(name)}. It has: ${list}.${hint}`);
    }
  }
}

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

/** In the year 5138, at which somebody passed milliseconds, as a rule. */
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

/** How JSON writes one, and not the text of such an escape, whose backslash is doubled. */
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/** Serialises metadata; throws where it is no JSON or too long. `undefined` where there is none. */
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

/** Throws where JSON would put `null` in place of a number. */
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

/** What is left of {@link KVPutOptions} once they are checked. */
export interface CheckedPutOptions {
  expiration?: UnixSeconds;
  expirationTtl?: Seconds;
  /** The metadata, serialised. */
  metadata?: string;
}

const PUT_OPTIONS = ["expiration", "expirationTtl", "metadata", ...CALL_OPTIONS] as const;

/**
 * Checks the options of a `put`. Where both `expirationTtl` and `expiration` are given, the first
 * wins and the second is not looked at, as in the API.
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

const LIST_OPTIONS = ["prefix", "limit", "cursor", ...CALL_OPTIONS] as const;

/** Checks the options of a `list`. */
export function checkListOptions(options: KVListOptions): { prefix: string; limit: number; cursor: string } {
  checkOptionNames("list", options, LIST_OPTIONS);
  const prefix = options.prefix ?? "";
  const cursor = options.cursor ?? "";
  const limit = options.limit ?? MAX_LIST_LIMIT;
  if (typeof prefix !== "string") throw new KVError("KV_INVALID", `prefix must be a string, not ${describe(prefix)}.`);
  if (!prefix.isWellFormed()) {
    throw new KVError(
      "KV_INVALID",
      `The prefix ${quoteKey(prefix)} contains a lone surrogate, which UTF-8 cannot encode.`,
    );
  }
  if (typeof cursor !== "string") throw new KVError("KV_INVALID", `cursor must be a string, not ${describe(cursor)}.`);
  if (!Number.isInteger(limit))
    throw new KVError("KV_INVALID", `limit must be a whole number, not ${describe(limit)}.`);
  if (limit < 1 || limit > MAX_LIST_LIMIT) {
    throw new KVLimitError(
      `limit must be 1 to ${MAX_LIST_LIMIT}, not ${limit}.`,
      limit < 1 ? 1 : MAX_LIST_LIMIT,
      limit,
    );
  }
  return { prefix, limit, cursor };
}
