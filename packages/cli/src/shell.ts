import { CONTROLS, escapeControls } from "./printable.ts";

/** What a shell takes as it is. */
const PLAIN = /^[\w@%+:,./-][\w@%+=:,./-]*$/;

/**
 * A word as a shell reads it back: for all that is printed to be pasted into one. A word with control characters shows them as
 * escapes of `$'…'`, which bash, zsh and ksh know; all others are for any POSIX shell.
 */
export function shellQuote(word: string): string {
  if (PLAIN.test(word)) return word;
  if (escapeControls(word) === word) return `'${word.replaceAll("'", String.raw`'\''`)}'`;
  return `$'${word.replaceAll(/[\\']/g, String.raw`\$&`).replace(CONTROLS, bytesOf)}'`;
}

/** The bytes of a character, each as `\x1b`. */
function bytesOf(character: string): string {
  return Array.from(Buffer.from(character), (byte) => String.raw`\x${byte.toString(16).padStart(2, "0")}`).join("");
}
