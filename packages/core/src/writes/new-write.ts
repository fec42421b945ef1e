import { now } from "../time/clock.ts";
import { KVError } from "../seam/errors.ts";
import type { KVPair } from "../contract/kv.ts";
import type { KVPutOptions, KVValue } from "../seam/kv-namespace.ts";
import { checkKey, quoteKey } from "../seam/validate.ts";
import { checkPutOptions } from "../seam/put-options.ts";
import { checkValue, type StreamedValue, type WholeValue } from "../seam/value.ts";
import { Write } from "./write.ts";

/** When a write takes a request of its own. */
export type Alone = "always" | "if large" | "never";

/** A value above this is large: 1 MiB. */
const LARGE_BYTES = 1024 * 1024;

/** The brackets, names and options of a pair. */
const PAIR_OVERHEAD_BYTES = 100;

/** Creates a `put` that is called now, without callers yet. */
export function newPut(key: string, value: KVValue, options: KVPutOptions, alone: Alone): Write {
  const date = Date.now();
  const checked = checkPutOptions(key, options, date);
  const known = copied(checkValue(key, value));
  const bytes = "data" in known ? known.bytes : 0;
  const { expirationTtl } = checked;
  const expiration = expirationTtl === undefined ? checked.expiration : Math.floor(date / 1000) + expirationTtl;
  const put = { value: known, options: checked, ...(expiration !== undefined && { expiration }) };
  const isAlone = alone === "always" || "stream" in known || (alone === "if large" && bytes > LARGE_BYTES);
  return newWrite(key, put, isAlone, bytes);
}

/** Creates a `delete` that is called now, without callers yet. */
export function newDelete(key: string, alone: boolean): Write {
  return newWrite(key, undefined, alone, 0);
}

/** Creates one put of many: it shares a request, so it cannot be a stream. */
export function putOf({ key, value, ...others }: KVPair): Write {
  checkKey(key);
  const write = newPut(key, value, others, "never");
  if (!write.isStream) return write;
  throw new KVError("KV_INVALID", `putMany takes no streams; put ${quoteKey(key)} by itself.`, { key });
}

/** One of many that are deleted. */
export function deleteOf(key: string): Write {
  checkKey(key);
  return newDelete(key, false);
}

function newWrite(key: string, put: Write["put"], alone: boolean, valueBytes: number): Write {
  return new Write(key, put, alone, valueBytes + PAIR_OVERHEAD_BYTES + key.length, now());
}

/** A write may wait, and the caller may use its buffer again. (A Buffer's `slice` makes no copy.) */
function copied(value: WholeValue | StreamedValue): WholeValue | StreamedValue {
  return "data" in value && typeof value.data !== "string" ? { ...value, data: new Uint8Array(value.data) } : value;
}
