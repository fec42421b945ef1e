import { Tokenizer, TokenParser } from "@streamparser/json";
import { CommandError, EXIT } from "../command-error.ts";
import { RecordSize, tooLarge } from "./record-size.ts";

/** Names, texts, brackets and commas of one element: metadata of 1,024 bytes have no more than a hundredth of that. */
const MOST_TOKENS = 100_000;

/** Reads the elements of a JSON array in small heaps, however long it is; throws as {@link readMembers} does. */
export async function* readElements(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<unknown[]> {
  for await (const members of readMembers(chunks, name)) yield members.map(([, value]) => value);
}

/**
 * Reads what is in a JSON array or object in small heaps, however long it is, each with its index or name.
 *
 * @throws {CommandError} where it is not JSON, or cut off, or a part of it is longer than any record can be.
 */
export async function* readMembers(
  chunks: AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<[key: string | number, value: unknown][]> {
  const tokenizer = new Tokenizer();
  const parser = new TokenParser({ paths: ["$.*"], keepStack: false });
  let [elements, number, tokens]: [[string | number, unknown][], number, number] = [[], 0, 0];
  tokenizer.onToken = (token) => {
    // All further ones of the chunk are dropped.
    if (++tokens <= MOST_TOKENS) parser.write(token);
  };
  parser.onError = (error) => tokenizer.error(error);
  parser.onValue = ({ key, value }) => {
    number++;
    tokens = 0;
    elements.push([key!, value]);
  };
  const size = new RecordSize();
  const next = (): string => `${name}, record ${number + 1}`;
  const broken = (): CommandError =>
    new CommandError(EXIT.failed, `${name} is not JSON after record ${number}, or is cut off there.`);
  for await (const chunk of chunks) {
    try {
      tokenizer.write(chunk);
    } catch {
      throw broken();
    }
    if (tokens > MOST_TOKENS) throw tooLarge(next());
    if (elements.length > 0) {
      size.reset();
      yield elements;
    } else size.add(chunk, next);
    elements = [];
  }
  if (!parser.isEnded) throw broken();
}
