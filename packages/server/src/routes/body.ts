import type { Context } from "hono";
import { ApiError, CODE } from "./errors.ts";
import type { Place } from "./place.ts";

/** Takes a chunk; returns whether it takes more. */
export type Take = (chunk: Uint8Array) => boolean;

/** Hands out a body chunk by chunk; resolves with whether it came to its end, as far as the platform can tell. */
export type EachChunk = (take: Take) => Promise<boolean>;

/**
 * Set in the bindings of an app by what receives its requests, where it knows a way to their bodies that takes less
 * than a web stream: an {@link EachChunk}.
 */
export const EACH_CHUNK: unique symbol = Symbol("each chunk");

const FIRST_BUFFER_BYTES = 64 * 1024;

/**
 * Reads a body into one buffer, only up to the limit. The rest is read and dropped, so that a client that reads only
 * after it has sent everything gets its answer; beyond twice the limit the connection is cut.
 *
 * @throws what `refuse` throws, which receives the number of bytes if they exceed the limit; what
 *   {@link Place.holdBody} returns.
 */
export async function readBody(
  c: Context,
  limit: number,
  refuse: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(c.req.header("content-length") ?? Number.NaN);
  if (declared > 2 * limit) refuse(declared);
  const place: Place | undefined = c.get("place");
  let size = Math.min(limit, Number.isNaN(declared) ? FIRST_BUFFER_BYTES : declared);
  let noRoom = place?.holdBody(size);
  let buffer = new ArrayBuffer(noRoom ? 0 : size);
  let bytes = 0;
  const eachChunk: EachChunk = c.env?.[EACH_CHUNK] ?? ((take) => eachOfRequest(c.req.raw, take));
  const isWhole = await eachChunk((chunk) => {
    const start = bytes;
    bytes += chunk.byteLength;
    if (bytes > 2 * limit) return false;
    if (bytes > limit || noRoom) return true;
    if (bytes > size) {
      size = Math.min(limit, Math.max(bytes, 2 * size));
      noRoom = place?.holdBody(size);
      buffer = buffer.transfer(noRoom ? 0 : size);
      if (noRoom) return true;
    }
    new Uint8Array(buffer).set(chunk, start);
    return true;
  });
  if (bytes > limit) refuse(bytes);
  if (noRoom) throw noRoom;
  if (!isWhole || bytes < declared) throw new ApiError(400, CODE.value, "The request body ended early.");
  return new Uint8Array(buffer, 0, bytes);
}

async function eachOfRequest({ body, signal }: Request, take: Take): Promise<boolean> {
  await eachOfStream(body, take);
  // Node 22 ends a body that breaks off as if it were whole.
  return !signal.aborted;
}

/** Reads without ever cancelling, which would close the connection before the answer is out. */
export async function eachOfStream(body: ReadableStream<Uint8Array> | null, take: Take): Promise<void> {
  if (body === null) return;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done || !take(value)) return;
  }
}
