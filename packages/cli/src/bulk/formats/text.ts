import type { Input } from "../files/input.ts";

const WHITESPACE: ReadonlySet<number> = new Set(Buffer.from(" \t\r\n"));
const BRACKET = "[".charCodeAt(0);
const BYTE_ORDER_MARK = Buffer.from("\ufeff");

/** A name of a key and what ends it fit in, however small the pieces of a pipe are. */
const TELLING_BYTES = 1024;

/** With this much white space, it is not meant as an array. */
const MOST_WHITESPACE_BYTES = 1 << 20;

/** A text whose beginning shows how to read it. */
export interface OpenedText {
  /** All of it, without a byte order mark. */
  readonly chunks: AsyncIterable<Buffer>;
  /** The first of them. */
  readonly start: Buffer;
  /** Whether it is a JSON array. */
  readonly isArray: boolean;
}

/** Opens an input as text, to be read until the signal aborts. */
export async function openText(input: Pick<Input, "chunks">, signal?: AbortSignal): Promise<OpenedText> {
  const rest = input.chunks(signal);
  let start: Buffer = Buffer.alloc(0);
  let first: number | undefined;
  while (start.length < TELLING_BYTES || (first === undefined && start.length < MOST_WHITESPACE_BYTES)) {
    const { done, value } = await rest.next();
    if (done) break;
    start = start.length === 0 ? value : Buffer.concat([start, value]);
    first = start.find((byte) => !WHITESPACE.has(byte));
  }
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
