import type { Context } from "hono";
import { ApiError, CODE } from "./errors.ts";
import type { Place } from "./place.ts";

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
  for await (const chunk of chunks(c.req.raw.body)) {
    const start = bytes;
    bytes += chunk.byteLength;
    if (bytes > 2 * limit) break;
    if (bytes > limit || noRoom) continue;
    if (bytes > size) {
      size = Math.min(limit, Math.max(bytes, 2 * size));
      noRoom = place?.holdBody(size);
      buffer = buffer.transfer(noRoom ? 0 : size);
      if (noRoom) continue;
    }
    new Uint8Array(buffer).set(chunk, start);
  }
  if (bytes > limit) refuse(bytes);
  if (noRoom) throw noRoom;
  // Node 22 ends such a body as if it were whole.
  if (c.req.raw.signal.aborted || bytes < declared) {
    throw new ApiError(400, CODE.value, "The request body ended early.");
  }
  return new Uint8Array(buffer, 0, bytes);
}

/** Reads without ever cancelling, which would close the connection before the answer is out. */
async function* chunks(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
