import type { KVReadable } from "@kvplug/core/seam";

/** Every byte there is, in order. */
export const ALL_BYTES: Uint8Array<ArrayBuffer> = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** A stream of these chunks. */
export function streamOf(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks);
}

/** All of a stream. */
export async function bytesOf(stream: KVReadable): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(stream as ReadableStream).arrayBuffer());
}

/** All of a stream, as text. */
export async function textOf(stream: KVReadable): Promise<string> {
  return new TextDecoder().decode(await bytesOf(stream));
}
