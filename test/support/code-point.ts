import { integer, type Arbitrary } from "fast-check";

/** How many code points are halves of a pair, which begin at the first. */
const [FIRST_SURROGATE, SURROGATES] = [0xd800, 0x800];

/** Any code point but surrogates: what `unit: "binary"` is, without a table of all of them. */
export const codePoint: Arbitrary<string> = integer({ min: 0, max: 0x10ffff - SURROGATES }).map((n) =>
  String.fromCodePoint(n < FIRST_SURROGATE ? n : n + SURROGATES),
);
