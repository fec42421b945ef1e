import type { Input } from "./input.ts";

const WHITESPACE: ReadonlySet<number> = new Set(Buffer.from(" \t\r\n"));
const BRACKET = "[".charCodeAt(0);
const BYTE_ORDER_MARK = Buffer.from("\ufeff");

/** What a text begins with tells how to read it. */
export interface OpenedText {
  /** All of it, without a byte order mark. */
  readonly chunks: AsyncIterable<Buffer>;
  /** The first of them. */
  readonly start: Buffer;
  /** Whether it is a JSON array. */
  readonly isArray: boolean;
}

/** Opens an input as text. */
export async function openText(input: Input): Promise<OpenedText> {
  const rest = input.chunks();
  const { done, value } = await rest.next();
  let start: Buffer = done ? Buffer.alloc(0) : value;
  if (start.subarray(0, 3).equals(BYTE_ORDER_MARK)) start = start.subarray(3);
  const chunks = (async function* () {
    yield start;
    yield* rest;
  })();
  return { chunks, start, isArray: start.find((byte) => !WHITESPACE.has(byte)) === BRACKET };
}

/** Whether there is nothing to see on a line. */
export function isBlank(line: string): boolean {
  return /^[ \t\r\n]*$/.test(line);
}
