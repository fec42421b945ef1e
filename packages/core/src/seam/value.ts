import { KVError } from "./errors.ts";
import type { KVReadable, KVValue } from "./kv-namespace.ts";
import { checkText, checkValueBytes, kindOf, quoteKey } from "./validate.ts";

/** A complete value, with its length. */
export interface WholeValue {
  readonly data: string | Uint8Array;
  /** Its length in bytes; text is counted as UTF-8. */
  readonly bytes: number;
}

/** A value that is still to come. */
export interface StreamedValue {
  readonly stream: ReadableStream<Uint8Array>;
}

/**
 * Checks a value and returns its kind. Bytes are the caller's own, not a copy.
 *
 * @throws {KVError} `KV_INVALID` for anything that is not a value, `KV_LIMIT` if it is too large.
 */
export function checkValue(key: string, value: KVValue): WholeValue | StreamedValue {
  if (typeof value === "string") return { data: value, bytes: checkText(key, value) };
  const data = asBytes(value);
  if (data !== undefined) {
    checkValueBytes(key, data.byteLength);
    return { data, bytes: data.byteLength };
  }
  if (isStream(value)) {
    if (!value.locked) return { stream: value };
    throw new KVError("KV_INVALID", `The stream for ${quoteKey(key)} is locked: something else is reading it.`, {
      key,
    });
  }
  throw new KVError(
    "KV_INVALID",
    `The value of ${quoteKey(key)} must be a string, an ArrayBuffer, a view of one or a ReadableStream, not ${kindOf(value)}. ` +
      "Serialise data first: JSON.stringify(value). For a Blob, pass blob.stream(); for a Node stream, Readable.toWeb(stream).",
    { key },
  );
}

/** Returns a chunk or value as bytes; `undefined` if it is not bytes. */
export function asBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return undefined;
}

function isStream(value: unknown): value is KVReadable & ReadableStream<Uint8Array> {
  return typeof value === "object" && value !== null && "getReader" in value && typeof value.getReader === "function";
}

/** Yields a stream's chunks; checks that each is bytes, and that together they do not exceed a value's limit. */
export async function* checkedChunks(
  key: string,
  reader: ReadableStreamDefaultReader<unknown>,
): AsyncGenerator<Uint8Array> {
  for (let bytes = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return;
    const chunk = asBytes(value);
    if (chunk === undefined) {
      throw new KVError("KV_INVALID", `The stream for ${quoteKey(key)} must yield bytes.`, { key });
    }
    bytes += chunk.byteLength;
    checkValueBytes(key, bytes);
    yield chunk;
  }
}
