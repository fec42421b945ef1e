import { isUtf8 } from "node:buffer";
import type { KVPair } from "@kvplug/core";
import { JSONParser } from "@streamparser/json";
import { CommandError, EXIT } from "../command-error.ts";
import type { Input } from "./input.ts";
import { splitLines } from "./lines.ts";
import { parseJSON, parseRecord } from "./records.ts";

/** A record that is not looked into before it is asked for. */
export interface RawRecord {
  /** Such as `line 3`, or `record 3` of an array. */
  readonly place: string;
  /** @throws {Error} that says what is wrong with it. */
  read(): KVPair;
}

const WHITESPACE: ReadonlySet<number> = new Set(Buffer.from(" \t\r\n"));
const BRACKET = "[".charCodeAt(0);
const BYTE_ORDER_MARK = Buffer.from("\ufeff");

/**
 * Reads records in small heaps: one a line, or wrangler's array. Which it is, its first character tells.
 *
 * @throws {CommandError} where it is neither, or the array is cut off.
 */
export async function* readRecords(input: Input): AsyncGenerator<RawRecord[]> {
  const chunks = input.chunks();
  const { start, isArray } = await beginning(chunks);
  const all = (async function* () {
    yield start;
    yield* chunks;
  })();
  yield* isArray ? elements(all, input.name) : lines(all);
}

async function beginning(chunks: AsyncGenerator<Buffer>): Promise<{ start: Buffer; isArray: boolean }> {
  for (;;) {
    const { done, value } = await chunks.next();
    if (done) return { start: Buffer.alloc(0), isArray: false };
    const marked = value.subarray(0, 3).equals(BYTE_ORDER_MARK) ? value.subarray(3) : value;
    const first = marked.find((byte) => !WHITESPACE.has(byte));
    // Empty lines still count.
    if (first !== undefined || value.length > 0) return { start: marked, isArray: first === BRACKET };
  }
}

async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<RawRecord[]> {
  let number = 0;
  for await (const some of splitLines(chunks)) {
    const records: RawRecord[] = [];
    for (const line of some) {
      number++;
      if (line.every((byte) => WHITESPACE.has(byte))) continue;
      records.push({ place: `line ${number}`, read: () => parseRecord(parseLine(line)) });
    }
    yield records;
  }
}

function parseLine(line: Buffer): unknown {
  if (!isUtf8(line)) throw new Error("it is no UTF-8");
  return parseJSON(line.toString());
}

async function* elements(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<RawRecord[]> {
  const parser = new JSONParser({ paths: ["$.*"], keepStack: false });
  let records: RawRecord[] = [];
  let number = 0;
  parser.onValue = ({ value }) => {
    const place = `record ${++number}`;
    records.push({ place, read: () => parseRecord(value) });
  };
  const broken = (): CommandError =>
    new CommandError(EXIT.failed, `${name} is no JSON behind record ${number}, or is cut off there.`);
  for await (const chunk of chunks) {
    try {
      parser.write(chunk);
    } catch {
      throw broken();
    }
    if (records.length > 0) yield records;
    records = [];
  }
  if (!parser.isEnded) throw broken();
}
