import type { KVPutOptions, KVValue } from "./kv-namespace.ts";
import { checkPutOptions } from "./validate.ts";
import { checkValue, type StreamedValue, type WholeValue } from "./value.ts";
import type { Write } from "./write.ts";

/** Whether a write takes a request of its own. */
export type Alone = "always" | "if large" | "never";

/** A value above this is large: 1 MiB. */
const LARGE_BYTES = 1024 * 1024;

/** The brackets, names and options of a pair. */
const PAIR_OVERHEAD_BYTES = 100;

/** A `put` that is called now, by nobody yet. */
export function newPut(key: string, value: KVValue, options: KVPutOptions, alone: Alone): Write {
  const now = Date.now();
  const checked = checkPutOptions(key, options, now);
  const known = copied(checkValue(key, value));
  const bytes = "data" in known ? known.bytes : 0;
  const { expirationTtl } = checked;
  const expiration = expirationTtl === undefined ? checked.expiration : Math.floor(now / 1000) + expirationTtl;
  return {
    ...newDelete(key, alone === "always" || "stream" in known || (alone === "if large" && bytes > LARGE_BYTES)),
    put: { value: known, options: checked, ...(expiration !== undefined && { expiration }) },
    bytes: bytes + PAIR_OVERHEAD_BYTES + key.length,
  };
}

/** A `delete` that is called now, by nobody yet. */
export function newDelete(key: string, alone: boolean): Write {
  return { key, alone, bytes: PAIR_OVERHEAD_BYTES + key.length, at: performance.now(), writers: [], refusals: 0 };
}

/** A write may wait, and the caller may use its buffer again. (A Buffer's `slice` makes no copy.) */
function copied(value: WholeValue | StreamedValue): WholeValue | StreamedValue {
  return "data" in value && typeof value.data !== "string" ? { ...value, data: new Uint8Array(value.data) } : value;
}
