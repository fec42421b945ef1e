/**
 * Names and values are text of others: what a browser would not show, or would let change the direction of what follows,
 * is shown as a mark.
 *
 * @module
 */

/** A piece of text: as it is, or the mark of a character that would not be seen. */
export interface Piece {
  readonly text: string;
  /** The character that the mark stands for, such as `U+202E`. */
  readonly mark?: string;
}

/** C0, DEL, C1, what turns the direction of writing, what has no width, and what some take for the end of a line. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029\u{e0000}-\u{e007f}]|[\ud800-\udfff]/gu;

/** Joins emoji and letters of some scripts; alone it would be as good as unseen, and within those it is not. */
const JOINER = "\u200d";

/**
 * Splits text at what would not be seen.
 *
 * @param isBlock Whether line breaks and tabs lay the text out, as in a value; in a name they are marked.
 */
export function piecesOf(text: string, isBlock = false): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { 0: character, index } of text.matchAll(UNSEEN)) {
    if (character === JOINER || (isBlock && /[\t\n]/.test(character))) continue;
    if (isBlock && character === "\r" && text[index + 1] === "\n") continue;
    if (index > end) pieces.push({ text: text.slice(end, index) });
    const code = character.codePointAt(0)!;
    pieces.push({ text: markOf(code), mark: `U+${code.toString(16).toUpperCase().padStart(4, "0")}` });
    end = index + character.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/** A name as plain text, for what takes no marks, such as a label. */
export function plainText(text: string): string {
  return piecesOf(text)
    .map(({ text: shown, mark }) => (mark === undefined ? shown : `⟨${mark}⟩`))
    .join("");
}

/** The Unicode picture of a control character, else its number. */
function markOf(code: number): string {
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "␡";
  return code.toString(16).toUpperCase().padStart(4, "0");
}
