import { KVError } from "./errors.ts";
import { FLOW, flowOf, type InFlow } from "./flow.ts";
import type { KVCallOptions, KVGetOptions, KVStream, KVValueType, Seconds, UnixSeconds } from "./kv-namespace.ts";
import { MIN_CACHE_TTL_SECONDS } from "./limits.ts";
import { MOST_BYTES, mostBytesOf, type UpToBytes } from "./most-bytes.ts";
import { CALL_OPTIONS, checkOptionNames, describe, quoteKey } from "./validate.ts";
import { WITHDRAWAL, type Withdrawable } from "./withdrawal.ts";

/** A value as it arrived: text from a bulk get, bytes from a single get. */
export type RawValue = string | ArrayBuffer;

/** The result of a read. */
export interface Found<Value = RawValue> {
  value: Value;
  metadata: unknown;
  expiration?: UnixSeconds;
}

const TYPES: readonly string[] = ["text", "json", "arrayBuffer", "stream"] satisfies KVValueType[];
const GET_OPTIONS = ["type", "cacheTtl", ...CALL_OPTIONS] as const;

/** The last argument of `get`, in either form. */
export type GivenGetOptions = KVValueType | Partial<KVGetOptions<KVValueType | undefined>> | undefined;

/** The checked options of `get`, which may be passed on as options. */
export interface CheckedGetOptions extends KVCallOptions, InFlow, UpToBytes, Withdrawable {
  type: KVValueType;
  cacheTtl?: Seconds | undefined;
}

/** Turns both forms of `get`'s last argument into one. */
export function checkGetOptions(given: GivenGetOptions): CheckedGetOptions {
  if (given === undefined) return { type: "text" };
  if (typeof given === "string") return { type: checkType(given) };
  checkOptionNames("get", given, GET_OPTIONS);
  const { signal, deadline, cacheTtl } = given;
  if (cacheTtl !== undefined) checkCacheTtl(cacheTtl);
  return {
    type: checkType(given.type ?? "text"),
    signal,
    deadline,
    cacheTtl,
    [FLOW]: flowOf(given),
    [MOST_BYTES]: mostBytesOf(given),
    [WITHDRAWAL]: (given as Withdrawable)[WITHDRAWAL],
  };
}

/** Throws unless bulk gets can return this type: bytes are read one at a time. */
export function checkManyType(type: KVValueType): void {
  if (type === "text" || type === "json") return;
  throw new KVError("KV_INVALID", `get(keys) returns text or json, not ${type}. Get such keys one at a time.`);
}

function checkCacheTtl(cacheTtl: Seconds): void {
  if (Number.isInteger(cacheTtl) && cacheTtl >= MIN_CACHE_TTL_SECONDS) return;
  throw new KVError(
    "KV_INVALID",
    `cacheTtl must be a whole number of seconds, at least ${MIN_CACHE_TTL_SECONDS}, not ${describe(cacheTtl)}.`,
  );
}

function checkType(type: KVValueType): KVValueType {
  if (TYPES.includes(type)) return type;
  throw new KVError("KV_INVALID", `The type of a value is one of ${TYPES.join(", ")}, not ${JSON.stringify(type)}.`);
}

/**
 * Returns a value as the requested type.
 *
 * @throws {KVError} `KV_VALUE` if JSON was requested and the value is not JSON.
 */
export function decode(key: string, raw: RawValue, type: KVValueType): unknown {
  switch (type) {
    case "text":
      return toText(raw);
    case "json":
      return parse(key, toText(raw));
    case "arrayBuffer":
      return toBytes(raw);
    case "stream":
      return new Response(toBytes(raw)).body as KVStream;
  }
}

function parse(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the value.
    throw new KVError("KV_VALUE", `The value of ${quoteKey(key)} is not JSON. Read it as text, or store JSON there.`, {
      key,
    });
  }
}

// A byte order mark belongs to the value.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

function toText(raw: RawValue): string {
  return typeof raw === "string" ? raw : decoder.decode(raw);
}

function toBytes(raw: RawValue): ArrayBuffer {
  return typeof raw === "string" ? encoder.encode(raw).buffer : raw;
}
