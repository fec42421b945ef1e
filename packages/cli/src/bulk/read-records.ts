import type { KVPair } from "@kvplug/core";
import type { Input } from "./input.ts";
import { isBlank, openText } from "./text.ts";
import { readElements } from "./elements.ts";
import { splitLines, type Line } from "./lines.ts";
import { parseJSON, parseRecord } from "./records.ts";

/** A record that is not looked into before it is asked for. There may be a great many: it is small, and has no closures. */
export class RawRecord {
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
 * Reads records in small heaps: one a line, or wrangler's array. Which it is, its first character tells.
 *
 * @throws {CommandError} where it is neither, or the array is cut off.
 */
export async function* readRecords(input: Input, signal?: AbortSignal): AsyncGenerator<RawRecord[]> {
  const { chunks, isArray } = await openText(input, signal);
  if (!isArray) return yield* lines(chunks, input.name);
  let number = 0;
  for await (const elements of readElements(chunks, input.name)) {
    yield elements.map((value) => new RawRecord("record", ++number, value));
  }
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
  if (line === undefined) throw new Error("it is no UTF-8");
  return parseJSON(line);
}
