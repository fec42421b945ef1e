import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { checkEncoding, encodingOf } from "./encodings.ts";
import type { TransportHead } from "./transport.ts";

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
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
