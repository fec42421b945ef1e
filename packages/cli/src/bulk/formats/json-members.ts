import { isUtf8 } from "node:buffer";
import { CommandError, EXIT } from "../../command-error.ts";
import { RecordSize, tooLarge } from "./record-size.ts";

/** Names, texts, brackets and commas of one element: metadata of 1,024 bytes have no more than a hundredth of that. */
const MOST_TOKENS = 100_000;

/** Reads the elements of a JSON array in small heaps, however long it is; throws as {@link readMembers} does. */
export async function* readElements(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<unknown[]> {
  for await (const members of readMembers(chunks, name)) yield members.map(([, value]) => value);
}

/**
 * Reads the members of a JSON array or object in small groups, however long it is, each with its index or name.
 *
 * @throws {CommandError} if it is not JSON, is cut off, or has a part that is longer than any record can be.
 */
export async function* readMembers(
  chunks: AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<[key: string | number, value: unknown][]> {
  const splitter = new MemberSplitter();
  const size = new RecordSize();
  const next = (): string => `${name}, record ${splitter.count + 1}`;
  const broken = (): CommandError =>
    new CommandError(EXIT.failed, `${name} is not JSON after record ${splitter.count}, or is cut off there.`);
  for await (const chunk of chunks) {
    let members: [string | number, unknown][];
    try {
      members = splitter.split(chunk);
    } catch {
      throw broken();
    }
    if (splitter.tokens > MOST_TOKENS) throw tooLarge(next());
    if (members.length > 0) {
      size.reset();
      yield members;
    } else size.add(chunk, next);
  }
  if (!splitter.isDone) throw broken();
}

const BYTE_ORDER_MARK = Buffer.from("\ufeff");
const SPACE: ReadonlySet<number | undefined> = new Set(Buffer.from(" \t\r\n"));
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Finds the ends of the outermost array's or object's members, and lets `JSON.parse` read each. A tokenizer reads a
 * text character by character, which takes a minute for the longest ones.
 */
class MemberSplitter {
  /** How many members have ended. */
  count = 0;
  /** How many brackets and commas the member under way has so far. */
  tokens = 0;
  /** Whether the array or object has ended. */
  isDone = false;
  /** How the array or object must end; `undefined` before it begins. */
  #closing: number | undefined;
  #depth = 0;
  #inText = false;
  #isEscaped = false;
  /** How much of a byte order mark was there. */
  #marked = 0;
  /** The name of the member under way. */
  #name: string | undefined;
  /** What has come of the member under way, behind its name. */
  readonly #parts: Buffer[] = [];

  /** Returns the members that end in the next part of the text. @throws if it is not JSON. */
  split(part: Buffer): [string | number, unknown][] {
    const members: [string | number, unknown][] = [];
    let start = 0;
    const end = (at: number, isLast: boolean): void => {
      this.#parts.push(part.subarray(start, at));
      start = at + 1;
      const member = this.#parse(isLast);
      if (member !== undefined) members.push(member);
    };
    for (let at = 0; at < part.length; at++) {
      const byte = part[at]!;
      if (this.#inText) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#inText = false;
      } else if (this.#depth === 0) {
        this.#outside(byte);
        start = at + 1;
      } else if (byte === QUOTE) this.#inText = true;
      else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
        this.#depth++;
        this.tokens++;
      } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
        if (--this.#depth > 0) continue;
        end(at, true);
        if (byte !== this.#closing) throw new SyntaxError();
        this.isDone = true;
      } else if (byte === COMMA) {
        this.tokens++;
        if (this.#depth === 1) end(at, false);
      } else if (byte === COLON && this.#depth === 1) {
        this.#parts.push(part.subarray(start, at));
        start = at + 1;
        this.#endName();
      }
    }
    if (start < part.length) this.#parts.push(part.subarray(start));
    return members;
  }

  /** What stands before and behind the array or object. */
  #outside(byte: number): void {
    if (this.#closing === undefined && byte === BYTE_ORDER_MARK[this.#marked]) {
      this.#marked++;
      return;
    }
    if (this.#marked % BYTE_ORDER_MARK.length !== 0) throw new SyntaxError();
    if (SPACE.has(byte)) return;
    if (this.#closing !== undefined || (byte !== OPEN_ARRAY && byte !== OPEN_OBJECT)) throw new SyntaxError();
    this.#closing = byte === OPEN_ARRAY ? CLOSE_ARRAY : CLOSE_OBJECT;
    this.#depth = 1;
  }

  /** Parses the name by itself: of an object, V8 13 and later may confuse escaped ones (nodejs/node#63785). */
  #endName(): void {
    const name: unknown = JSON.parse(this.#take());
    if (this.#closing !== CLOSE_OBJECT || this.#name !== undefined || typeof name !== "string") throw new SyntaxError();
    this.#name = name;
  }

  /** Returns the member that has ended; `undefined` if there is none. */
  #parse(isLast: boolean): [string | number, unknown] | undefined {
    const text = this.#take();
    const name = this.#closing === CLOSE_ARRAY ? this.count : this.#name;
    if (isLast && this.count === 0 && this.#name === undefined && isSpace(text)) return undefined;
    if (name === undefined) throw new SyntaxError();
    const value: unknown = JSON.parse(text);
    this.#name = undefined;
    this.count++;
    this.tokens = 0;
    return [name, value];
  }

  #take(): string {
    const bytes = Buffer.concat(this.#parts.splice(0));
    if (!isUtf8(bytes)) throw new SyntaxError();
    return bytes.toString();
  }
}

/** Whether it is nothing but what JSON takes for space. */
function isSpace(text: string): boolean {
  return /^[ \t\r\n]*$/.test(text);
}
