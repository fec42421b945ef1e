import { isUtf8 } from "node:buffer";
import type { KVPair } from "@kvplug/core";
import { checkKey, kindOf, type UnixSeconds } from "@kvplug/core/seam";
import { alive } from "./alive.ts";
import { checkPair } from "./check-pair.ts";

/** A key with its value, as it is read. */
export interface Entry {
  readonly name: string;
  readonly value: string | Uint8Array;
  readonly metadata?: unknown;
  readonly expiration?: UnixSeconds;
}

/** The fields of a record: those of an entry in wrangler's bulk files. */
const FIELDS: ReadonlySet<string> = new Set(["key", "value", "base64", "metadata", "expiration", "expiration_ttl"]);

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** An entry as it is written: bytes that are text as text, all others as base64. */
export interface ValueRecord {
  readonly key: string;
  readonly value: string;
  readonly base64?: true;
  readonly metadata?: unknown;
  readonly expiration?: UnixSeconds;
}

/** One line of JSON. */
export function formatRecord(entry: Entry): string {
  return JSON.stringify(recordOf(entry));
}

export function recordOf({ name, value, metadata, expiration }: Entry): ValueRecord {
  const isText = typeof value === "string" || isUtf8(value);
  return {
    key: name,
    value:
      typeof value === "string"
        ? value
        : Buffer.from(value.buffer, value.byteOffset, value.length).toString(isText ? "utf8" : "base64"),
    ...(!isText && { base64: true }),
    ...(metadata !== undefined && { metadata }),
    ...(expiration !== undefined && { expiration }),
  };
}

/**
 * Reads a record.
 *
 * @throws {Error} that says what is wrong with it; never its value.
 */
export function parseRecord(parsed: unknown): KVPair {
  const record = checkObject(parsed);
  for (const field of Object.keys(record)) {
    if (!FIELDS.has(field)) throw new Error(`there is no field ${JSON.stringify(field.slice(0, 40))}`);
  }
  const { key, value, base64, metadata, expiration, expiration_ttl: ttl } = record;
  if (key === undefined) throw new Error("it has no key");
  checkKey(key);
  if (value === undefined) throw new Error("it has no value");
  if (typeof value !== "string") throw new Error(`its value must be a string, not ${kindOf(value)}`);
  if (base64 !== undefined && typeof base64 !== "boolean") throw new Error("its base64 must be true or false");
  const pair: KVPair = { key, value: base64 ? decode(value) : value };
  if (metadata !== undefined && metadata !== null) pair.metadata = metadata;
  if (expiration !== undefined && expiration !== null) pair.expiration = expiration as number;
  if (ttl !== undefined && ttl !== null) pair.expirationTtl = ttl as number;
  // What has expired is not written.
  const living = alive(pair);
  if (living !== undefined) checkPair(living);
  return pair;
}

/** @throws {Error} if it is not JSON. */
export function parseJSON(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new Error("it is not JSON");
  }
}

function checkObject(record: unknown): Record<string, unknown> {
  if (typeof record === "object" && record !== null && !Array.isArray(record)) return record as Record<string, unknown>;
  throw new Error(`it must be an object, not ${kindOf(record)}`);
}

function decode(value: string): Uint8Array {
  if (value.length % 4 !== 0 || !BASE64.test(value)) throw new Error("its value is not base64");
  return Buffer.from(value, "base64");
}
