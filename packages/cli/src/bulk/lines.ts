export const LINE_FEED = 0x0a;

/**
 * Splits bytes at line feeds, or at another byte, and nowhere else: what libraries take for the end of a line, U+2028
 * among them, may stand within JSON. Empty lines are handed out as well, so that they can be counted.
 */
export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  separator: number = LINE_FEED,
): AsyncGenerator<Buffer[]> {
  let begun: Buffer[] = [];
  for await (const chunk of chunks) {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(separator); end !== -1; end = chunk.indexOf(separator, start)) {
      const rest = chunk.subarray(start, end);
      lines.push(begun.length === 0 ? rest : Buffer.concat([...begun, rest]));
      begun = [];
      start = end + 1;
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (begun.length > 0) yield [Buffer.concat(begun)];
}
