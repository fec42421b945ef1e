import type { Context } from "hono";
import { ApiError, CODE } from "./errors.ts";

const FIRST_BUFFER_BYTES = 64 * 1024;

/**
 * Reads a body into one buffer, only up to the limit. The rest is read and dropped, so that a client that reads only
 * after it has sent everything gets its answer; beyond twice the limit the connection is cut.
 *
 * @throws what `refuse` throws, which receives the number of bytes if they exceed the limit.
 */
export async function readBody(
  c: Context,
  limit: number,
  refuse: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(c.req.header("content-length") ?? Number.NaN);
  if (declared > 2 * limit) refuse(declared);
  let buffer = new ArrayBuffer(Math.min(limit, Number.isNaN(declared) ? FIRST_BUFFER_BYTES : declared));
  let bytes = 0;
  for await (const chunk of chunks(c.req.raw.body)) {
    const start = bytes;
    bytes += chunk.byteLength;
    if (bytes > 2 * limit) break;
    if (bytes > limit) continue;
    if (bytes > buffer.byteLength) buffer = buffer.transfer(Math.min(limit, Math.max(bytes, 2 * buffer.byteLength)));
    new Uint8Array(buffer).set(chunk, start);
  }
  if (bytes > limit) refuse(bytes);
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
