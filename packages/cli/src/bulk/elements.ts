import { JSONParser } from "@streamparser/json";
import { CommandError, EXIT } from "../command-error.ts";

/**
 * Reads the elements of a JSON array in small heaps, however long it is.
 *
 * @throws {CommandError} where it is no JSON, or cut off.
 */
export async function* readElements(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<unknown[]> {
  const parser = new JSONParser({ paths: ["$.*"], keepStack: false });
  let elements: unknown[] = [];
  let number = 0;
  parser.onValue = ({ value }) => {
    number++;
    elements.push(value);
  };
  const broken = (): CommandError =>
    new CommandError(EXIT.failed, `${name} is no JSON behind record ${number}, or is cut off there.`);
  for await (const chunk of chunks) {
    try {
      parser.write(chunk);
    } catch {
      throw broken();
    }
    if (elements.length > 0) yield elements;
    elements = [];
  }
  if (!parser.isEnded) throw broken();
}
