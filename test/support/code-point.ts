import { integer, type Arbitrary } from "fast-check";

/** Any code point, lone surrogates among them: what `unit: "binary"` is, without a table of all of them. */
export const codePoint: Arbitrary<string> = integer({ min: 0, max: 0x10ffff }).map((code) =>
  String.fromCodePoint(code),
);
