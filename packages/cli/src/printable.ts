/**
 * What a terminal is sent: text of others holds no character that a terminal obeys.
 *
 * @module
 */

/** C0, DEL, C1, what turns the direction of writing, and what some take for the end of a line. */
export const CONTROLS: RegExp = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** Those, but for what text is laid out with. */
const CONTROLS_OF_LINES = /(?![\t\n]|\r\n)[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** A text with its control characters as escapes, as JSON writes them: so JSON stays the same JSON. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, escapeOf);
}

/** The same, but for line breaks and tabs. */
export function escapeLines(text: string): string {
  return text.replace(CONTROLS_OF_LINES, escapeOf);
}

/** Formats a name or title for a line: as JSON if it contains something that cannot be shown. */
export function printable(name: string): string {
  const escaped = escapeControls(name);
  return escaped === name ? name : escapeControls(JSON.stringify(name));
}

const SHORT: Readonly<Record<string, string>> = { "\n": String.raw`\n`, "\r": String.raw`\r`, "\t": String.raw`\t` };

function escapeOf(character: string): string {
  return SHORT[character] ?? String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
