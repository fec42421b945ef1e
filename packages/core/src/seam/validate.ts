/**
 * Checks of arguments, made before anything is sent or stored. Each error names the limit, the figure and the key.
 *
 * @module
 */
import { KVError, KVLimitError } from "./errors.ts";
import type { KVListOptions } from "./kv-namespace.ts";
import { MAX_KEY_BYTES, MAX_LIST_LIMIT, MAX_VALUE_BYTES } from "./limits.ts";
import { nearest } from "./nearest.ts";

const encoder = new TextEncoder();

/** Returns the length of a text in bytes of UTF-8. */
export function utf8Length(text: string): number {
  return typeof Buffer === "undefined" ? encoder.encode(text).byteLength : Buffer.byteLength(text);
}

/** Formats a key for a message: quoted, shortened, without line breaks. */
export function quoteKey(key: unknown): string {
  return JSON.stringify(typeof key === "string" && key.length > 80 ? `${key.slice(0, 77)}…` : key);
}

/** Like {@link describe}, for what may be a value: a number is not shown, since it would reveal the value. */
export function kindOf(value: unknown): string {
  return typeof value === "number" ? "a number" : describe(value);
}

/** Describes something for a message: never the content of texts and objects. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object")
    return `an object (${Object.getPrototypeOf(value)?.constructor?.name ?? "without prototype"})`;
  return `a ${typeof value}`;
}

/** Throws unless this is a valid key. */
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

/** Throws unless all of these are valid keys. */
export function checkKeys(keys: unknown): asserts keys is string[] {
  if (!Array.isArray(keys)) throw new KVError("KV_INVALID", `Keys must be an array of strings, not ${describe(keys)}.`);
  for (const key of keys) checkKey(key);
}

/** Throws for a value above {@link MAX_VALUE_BYTES}. */
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

/** Throws for an unknown option, and lists the known ones. Throws for a `signal` that is not an `AbortSignal`. */
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
  if (known.includes("signal")) checkSignal((options as { signal?: unknown }).signal);
}

/** Checks its methods, not its class: a signal from another realm or library has another class. */
function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  const given = Object(signal) as Partial<AbortSignal>;
  const methods = [given.throwIfAborted, given.addEventListener, given.removeEventListener];
  if (methods.every((method) => typeof method === "function")) return;
  throw new KVError("KV_INVALID", `signal must be an AbortSignal, not ${describe(signal)}.`);
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
