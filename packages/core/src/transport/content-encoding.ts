import type { Transform } from "node:stream";
// As a whole: a Node that lacks one of these would refuse to load before it is told which one is needed.
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
 * What undoes the encoding of an answer's body; `undefined` where it has none. None is asked for, but what stands in
 * between may encode all the same.
 *
 * @throws where the encoding is not known, since its bytes would be taken for the value's.
 */
export function decoderOf(head: TransportHead): Transform | undefined {
  const encoding = encodingOf(head);
  if (encoding === undefined) return undefined;
  checkEncoding(encoding, Object.keys(DECODERS));
  return DECODERS[encoding]!();
}
