/**
 * How long the API's answers may be, in bytes. Anything longer is not an API answer, and is not buffered.
 *
 * @module
 */
import { MAX_KEY_BYTES, MAX_METADATA_BYTES, MAX_TITLE_LENGTH, MAX_VALUE_BYTES } from "../seam/limits.ts";

/** What JSON may make of a byte: `\u0007`. */
const JSON_GROWTH = 6;

/**
 * How many bytes of JSON a byte of a bulk get's values may become. Values that are mostly control characters become
 * more, and are read by themselves.
 */
const READ_GROWTH = 2;

/** What stands around the results, and the longest refusal. */
const ENVELOPE_BYTES = 1024 * 1024;

/** An item's punctuation, names of fields and numbers. */
const ITEM_BYTES = 256;

/** An answer of one result: a refusal, a key's metadata, a namespace. */
export const MAX_ANSWER_BYTES: number = ENVELOPE_BYTES;

/** A single value, or the error in its place. */
export const MAX_VALUE_ANSWER_BYTES: number = MAX_VALUE_BYTES + ENVELOPE_BYTES;

/** A bulk get. Cloudflare returns 25 MB of values at once, whatever their number. */
export function maxReadBytes(keys: number): number {
  return ENVELOPE_BYTES + READ_GROWTH * MAX_VALUE_BYTES + maxListBytes(keys);
}

/** A page of a listing. */
export function maxListBytes(names: number): number {
  return ENVELOPE_BYTES + names * (ITEM_BYTES + JSON_GROWTH * (MAX_KEY_BYTES + MAX_METADATA_BYTES));
}

/** The keys that a bulk write or delete could not do. */
export function maxWrittenBytes(keys: number): number {
  return ENVELOPE_BYTES + keys * (ITEM_BYTES + JSON_GROWTH * MAX_KEY_BYTES);
}

/** A page of namespaces. */
export function maxNamespacesBytes(namespaces: number): number {
  return ENVELOPE_BYTES + namespaces * (ITEM_BYTES + JSON_GROWTH * MAX_TITLE_LENGTH);
}
