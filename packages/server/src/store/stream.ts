import { KVError, asBytes, checkValueBytes, quoteKey } from "@kvplug/core/seam";
import type { StreamedValue } from "@kvplug/core/seam";

/** Reads a stream to its end; throws as soon as it is larger than a value may be. */
export async function readStream(key: string, { stream }: StreamedValue): Promise<Uint8Array> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value: chunk } = await reader.read();
      if (done) return Buffer.concat(chunks, length);
      const bytes = asBytes(chunk);
      if (bytes === undefined)
        throw new KVError("KV_INVALID", `The stream for ${quoteKey(key)} must yield bytes.`, { key });
      length += bytes.byteLength;
      checkValueBytes(key, length);
      chunks.push(bytes);
    }
  } catch (error) {
    await reader.cancel(error).catch(() => {});
    throw error;
  }
}
