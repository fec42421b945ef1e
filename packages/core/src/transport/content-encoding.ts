import type { Transform } from "node:stream";
// The whole module: an older Node that lacks one of these exports would fail to load before it can report which Node it needs.
import * as zlib from "node:zlib";
import { checkEncoding, encodingOf } from "./encodings.ts";
import type { TransportHead } from "./transport.ts";

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: zlib.createGunzip,
  "x-gzip": zlib.createGunzip,
  deflate: zlib.createInflate,
  br: zlib.createBrotliDecompress,
  zstd: zlib.createZstdDecompress,
};

/**
 * Returns the decoder of an answer's body; `undefined` if it is not encoded. The driver asks for no encoding, but a
 * proxy may encode anyway.
 *
 * @throws if the encoding is unknown, since its bytes would pass for the value's.
 */
export function decoderOf(head: TransportHead): Transform | undefined {
  const encoding = encodingOf(head);
  if (encoding === undefined) return undefined;
  checkEncoding(encoding, Object.keys(DECODERS));
  return DECODERS[encoding]!();
}
