import { checkedChunks } from "@kvplug/core/seam";
import type { StreamedValue } from "@kvplug/core/seam";

/** Reads a stream to its end; throws as soon as it is larger than a value may be. */
export async function readStream(key: string, { stream }: StreamedValue): Promise<Uint8Array> {
  const reader = stream.getReader();
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of checkedChunks(key, reader)) chunks.push(chunk);
    return Buffer.concat(chunks);
  } catch (error) {
    await reader.cancel(error).catch(() => {});
    throw error;
  }
}
