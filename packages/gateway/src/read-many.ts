import { isLostInBulk } from "@kvplug/core/seam";
import type { KVEntry, KVNamespace, Seconds } from "@kvplug/core/seam";
import { MAX_BULK_GET_BYTES, bulkGetTooLarge } from "@kvplug/server/routes";

/** How many values are read at once that cannot be read in bulk: an invocation has six connections. */
const LANES = 6;

const MISSING: KVEntry<string> = { value: null, metadata: null, cacheStatus: null };

/**
 * The entries of distinct keys. Too much for one answer is refused, as KV itself refuses it, and not gathered in parts:
 * a Worker has 128 MB for all that it does.
 *
 * @throws {ApiError} 413, where it is too much; else what the binding throws.
 */
export async function readMany(
  kv: KVNamespace<any>,
  keys: readonly string[],
  cache: { cacheTtl?: Seconds },
): Promise<Map<string, KVEntry<string>>> {
  const alone = keys.filter(isLostInBulk);
  const bulk = keys.filter((key) => !isLostInBulk(key));
  const found: ReadonlyMap<string, KVEntry<string> | null> =
    bulk.length === 0 ? new Map() : await kv.getWithMetadata(bulk, cache);
  const one = alone.length === 0 ? new Map<string, KVEntry<string>>() : await readAlone(kv, alone, cache);
  return new Map(keys.map((key) => [key, found.get(key) ?? one.get(key) ?? MISSING]));
}

/** Reads one by one, all of them together no more than a bulk read may hand out. */
async function readAlone(
  kv: KVNamespace<any>,
  keys: readonly string[],
  cache: { cacheTtl?: Seconds },
): Promise<Map<string, KVEntry<string>>> {
  const found = new Map<string, KVEntry<string>>();
  let bytes = 0;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < keys.length && bytes <= MAX_BULK_GET_BYTES) {
      const key = keys[next++]!;
      const { value, ...entry } = await kv.getWithMetadata(key, { type: "stream", ...cache });
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
