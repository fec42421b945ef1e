import { isUtf8 } from "node:buffer";
import { RecordSize } from "./record-size.ts";

export const LINE_FEED = "\n";

/** The content of a line; `undefined` if it is not UTF-8. */
export type Line = string | undefined;

/**
 * Splits text only at line feeds, or at another ASCII character: what libraries treat as line ends, such as U+2028, may
 * occur within JSON. Also yields empty lines, so that they can be counted.
 *
 * @throws {CommandError} if a line is too long for memory.
 */
export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  name: string,
  separator: string = LINE_FEED,
): AsyncGenerator<Line[]> {
  let [begun, number]: [Buffer[], number] = [[], 1];
  const size = new RecordSize();
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(separator);
    if (end !== -1) {
      const lines = linesOf([...begun, chunk.subarray(0, end)], separator);
      yield lines;
      number += lines.length;
      begun = [];
      size.reset();
    }
    const rest = chunk.subarray(end + 1);
    if (rest.length === 0) continue;
    begun.push(rest);
    size.add(rest, () => `${name}, line ${number}`);
  }
  if (begun.length > 0) yield linesOf(begun, separator);
}

/** Decodes lines together, which is several times as fast, and one by one only to find a bad one. */
function linesOf(parts: readonly Buffer[], separator: string): Line[] {
  const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  if (isUtf8(bytes)) return bytes.toString().split(separator);
  return bytes.toString("latin1").split(separator).map(decode);
}

/** @param latin1 The bytes, each as one character. */
function decode(latin1: string): Line {
  const bytes = Buffer.from(latin1, "latin1");
  return isUtf8(bytes) ? bytes.toString() : undefined;
}
