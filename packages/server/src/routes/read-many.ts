import { KVLimitError, isLostInBulk, isTooLargeForBulk, utf8Length } from "@kvplug/core/seam";
import type { KVEntry, KVNamespace } from "@kvplug/core/seam";
import { MAX_BULK_GET_BYTES, bulkGetTooLarge } from "./bulk-get-size.ts";

/** How many values are read at once that a bulk read cannot return: a Worker invocation has six connections. */
const LANES = 6;

type Readable = Pick<KVNamespace<any>, "getWithMetadata">;

/**
 * Reads distinct keys from a namespace that cannot report sizes. A missing key has no entry, or one without a value. It
 * rejects more than one answer may hold, as KV does, and does not collect it in parts: a Worker has 128 MB in all.
 *
 * @throws {ApiError} 413 if the values are too large together; otherwise what the namespace throws.
 */
export async function readMany(kv: Readable, keys: readonly string[]): Promise<Map<string, KVEntry<string> | null>> {
  const found = await readInBulk(kv, keys);
  let bytes = 0;
  for (const entry of found.values()) bytes += utf8Length(entry?.value ?? "");
  const lost = keys.filter((key) => !found.has(key) && isLostInBulk(key));
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < lost.length && bytes <= MAX_BULK_GET_BYTES) {
      const key = lost[next++]!;
      const { value, ...entry } = await kv.getWithMetadata(key, { type: "stream" });
      // A byte order mark belongs to the value.
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      let text = "";
      for await (const chunk of (value ?? []) as AsyncIterable<Uint8Array>) {
        bytes += chunk.byteLength;
        // Leaving the loop cancels the stream.
        if (bytes > MAX_BULK_GET_BYTES) break;
        text += decoder.decode(chunk, { stream: true });
      }
      if (value !== null) found.set(key, { ...entry, value: text + decoder.decode() });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  if (bytes > MAX_BULK_GET_BYTES) throw bulkGetTooLarge(keys.length, bytes);
  return found;
}

async function readInBulk(kv: Readable, keys: readonly string[]): Promise<Map<string, KVEntry<string> | null>> {
  try {
    return await kv.getWithMetadata([...keys]);
  } catch (error) {
    if (isTooLargeForBulk(error)) throw bulkGetTooLarge(keys.length, MAX_BULK_GET_BYTES + 1);
    // What keeps to the limit itself stops at the first value beyond it.
    if (error instanceof KVLimitError && error.limit === MAX_BULK_GET_BYTES)
      throw bulkGetTooLarge(keys.length, error.actual);
    throw error;
  }
}
