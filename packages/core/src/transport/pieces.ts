import { utf8Length } from "../seam/validate.ts";
import type { PiecedBody, TransportBody } from "./transport.ts";

/** What is sent at once: small enough that a slow line shows progress, large enough to cost little. */
const PIECE_BYTES = 64 * 1024;

/** A body up to this length is sent as it is, which is cheaper; it is out soon on any line. */
const SMALL_LENGTH = 128 * 1024;

/** Returns a body in pieces, so that its progress is visible; `undefined` for a small one. */
export function inPieces(body: TransportBody | undefined): PiecedBody | undefined {
  if (typeof body === "object" && !(body instanceof Uint8Array)) return body;
  if (body === undefined || body.length <= SMALL_LENGTH) return undefined;
  return typeof body === "string"
    ? { bytes: utf8Length(body), pieces: () => encoded(body) }
    : { bytes: body.byteLength, pieces: () => once(body) };
}

/**
 * Yields the pieces of a body, none of them large. Calls `moved` with the bytes so far whenever a piece has been sent.
 * `moved` throws if the request has ended, since a body that ended then could pass for a complete one.
 */
export async function* piecesOf(body: PiecedBody, moved: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const whole of body.pieces()) {
    for (let start = 0; start < whole.byteLength; start += PIECE_BYTES) {
      moved(bytes);
      const piece = whole.subarray(start, start + PIECE_BYTES);
      bytes += piece.byteLength;
      yield piece;
    }
  }
  moved(bytes);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const encoder = new TextEncoder();

/** Text as UTF-8, without a copy of all of it. */
async function* encoded(text: string): AsyncGenerator<Uint8Array> {
  for (let start = 0, end; start < text.length; start = end) {
    end = Math.min(start + PIECE_BYTES, text.length);
    // The two halves of a character outside the basic plane belong together.
    if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--;
    yield encoder.encode(text.slice(start, end));
  }
}
