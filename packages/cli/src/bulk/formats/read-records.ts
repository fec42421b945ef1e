import type { KVPair } from "@kvplug/core";
import { CommandError, EXIT } from "../../command-error.ts";
import type { Input } from "../files/input.ts";
import { isCSV, readCSV } from "./csv.ts";
import { isBlank, openText } from "./text.ts";
import { readElements, readMembers } from "./json-members.ts";
import { splitLines, type Line } from "./lines.ts";
import { parseJSON, parseRecord } from "./records.ts";
import type { UnreadRecord } from "./unread-record.ts";

/** A record that is parsed only when it is needed. There may be many: it is small, and has no closures. */
export class RawRecord implements UnreadRecord {
  readonly #unit: "line" | "record";
  readonly #number: number;
  /** A line, or what stood in an array, parsed already. */
  readonly #content: unknown;

  constructor(unit: "line" | "record", number: number, content: unknown) {
    this.#unit = unit;
    this.#number = number;
    this.#content = content;
  }

  /** Such as `line 3`, or `record 3` of an array. */
  get place(): string {
    return `${this.#unit} ${this.#number}`;
  }

  /** @throws {Error} that says what is wrong with it. */
  read(): KVPair {
    return parseRecord(this.#unit === "line" ? parseLine(this.#content as Line) : this.#content);
  }
}

/**
 * Reads records in small groups: one a line, wrangler's array, or CSV. Its beginning shows which.
 *
 * @throws {CommandError} if it is none of them, or cut off.
 */
export async function* readRecords(input: Input, signal?: AbortSignal): AsyncGenerator<UnreadRecord[]> {
  const { chunks, start, isArray } = await openText(input, signal);
  if (isCSV(start)) return yield* readCSV(chunks, input.name);
  if (!isArray) return yield* lines(chunks, input.name);
  let number = 0;
  for await (const elements of readElements(chunks, input.name)) {
    yield elements.map((value) => new RawRecord("record", ++number, value));
  }
}

/**
 * Reads the records of one JSON object that maps keys to values, or to `{ value, metadata }`, as `wrangler kv bulk get`
 * prints it; null stands for a missing key.
 *
 * @throws {CommandError} if it is not such an object, or cut off.
 */
export async function* readMap(input: Input, signal?: AbortSignal): AsyncGenerator<RawRecord[]> {
  const { chunks, isArray } = await openText(input, signal);
  if (isArray)
    throw new CommandError(EXIT.failed, `${input.name} is an array, not an object of keys: leave out --map.`);
  let number = 0;
  for await (const members of readMembers(chunks, input.name)) {
    const records: RawRecord[] = [];
    for (const [key, value] of members) {
      number++;
      if (value !== null) records.push(new RawRecord("record", number, toRecord(key, value)));
    }
    yield records;
  }
}

function toRecord(key: string | number, value: unknown): unknown {
  return typeof value === "object" && !Array.isArray(value) ? { ...value, key } : { key, value };
}

async function* lines(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<RawRecord[]> {
  let number = 0;
  for await (const some of splitLines(chunks, name)) {
    const records: RawRecord[] = [];
    for (const line of some) {
      number++;
      if (line !== undefined && isBlank(line)) continue;
      records.push(new RawRecord("line", number, line));
    }
    yield records;
  }
}

function parseLine(line: Line): unknown {
  if (line === undefined) throw new Error("it is not UTF-8");
  return parseJSON(line);
}
