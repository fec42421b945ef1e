/**
 * What a caller asks for, as a key to read, and what was found, as the caller gets it.
 *
 * @module
 */
import { decode, type CheckedGetOptions, type Found } from "../seam/decode.ts";
import { FLOW } from "../seam/flow.ts";
import type { KVEntry, KVValueType } from "../seam/kv-namespace.ts";
import type { Wanted } from "../reads/read-requests.ts";
import type { ToResult } from "../reads/readers.ts";
import { WITHDRAWAL } from "../seam/withdrawal.ts";

/** For each type of a value, what makes a result of it. */
export type ResultsByType = Readonly<Record<KVValueType, ToResult>>;

function ofEachType(ofType: (type: KVValueType) => ToResult): ResultsByType {
  return { text: ofType("text"), json: ofType("json"), arrayBuffer: ofType("arrayBuffer"), stream: ofType("stream") };
}

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

/** What `get` returns of a key, by the type of its value: `null` if the key is missing. */
export const VALUES: ResultsByType = ofEachType((type) => (key, found) => found && decode(key, found.value, type));

/** What `getWithMetadata` returns of a key, by the type of its value. */
export const ENTRIES: ResultsByType = ofEachType(
  (type) => (key, found) => entryAsIs(found && { ...found, value: decode(key, found.value, type) }),
);

/** The entry of a value that needs no decoding. */
export function entryAsIs<Value>(found: Found<Value> | null): KVEntry<Value> {
  if (!found) return { value: null, metadata: null, cacheStatus: null };
  return { ...found, metadata: found.metadata ?? null, cacheStatus: null };
}
