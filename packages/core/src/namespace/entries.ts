/**
 * What a caller asks for, as a key to read, and what was found, as the caller gets it.
 *
 * @module
 */
import { decode, type CheckedGetOptions, type Found } from "../seam/decode.ts";
import { FLOW } from "../seam/flow.ts";
import type { KVEntry, KVValueType } from "../seam/kv-namespace.ts";
import type { Wanted } from "../reads/read-requests.ts";
import { WITHDRAWAL } from "../seam/withdrawal.ts";

/** A key to read as the options of a `get` say. */
export function wantedOf(
  key: string,
  metadata: boolean,
  { type, cacheTtl, [FLOW]: flow, [WITHDRAWAL]: withdrawal }: CheckedGetOptions,
): Wanted {
  const bytes = isBytes(type);
  return { key, metadata, bytes, binary: bytes, cacheTtl, flow, withdrawal };
}

/** Whether values of this type are bytes. */
export function isBytes(type: KVValueType): boolean {
  return type === "arrayBuffer";
}

/** The value as `get` returns it; `null` if the key is missing. */
export function valueOf(key: string, found: Found | null | undefined, type: KVValueType): unknown {
  return found ? decode(key, found.value, type) : null;
}

/** The entry as `getWithMetadata` returns it. */
export function entryOf(key: string, found: Found | null | undefined, type: KVValueType): KVEntry<unknown> {
  return entryAsIs(found && { ...found, value: decode(key, found.value, type) });
}

/** The entry of a value that needs no decoding. */
export function entryAsIs<Value>(found: Found<Value> | null | undefined): KVEntry<Value> {
  if (!found) return { value: null, metadata: null, cacheStatus: null };
  return { ...found, metadata: found.metadata ?? null, cacheStatus: null };
}
