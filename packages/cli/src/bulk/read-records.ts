import { isUtf8 } from "node:buffer";
import type { KVPair } from "@kvplug/core";
import type { Input } from "./input.ts";
import { isBlank, openText } from "./text.ts";
import { readElements } from "./elements.ts";
import { splitLines } from "./lines.ts";
import { parseJSON, parseRecord } from "./records.ts";

/** A record that is not looked into before it is asked for. */
export interface RawRecord {
  /** Such as `line 3`, or `record 3` of an array. */
  readonly place: string;
  /** @throws {Error} that says what is wrong with it. */
  read(): KVPair;
}

/**
 * Reads records in small heaps: one a line, or wrangler's array. Which it is, its first character tells.
 *
 * @throws {CommandError} where it is neither, or the array is cut off.
 */
export async function* readRecords(input: Input): AsyncGenerator<RawRecord[]> {
  const { chunks, isArray } = await openText(input);
  if (!isArray) return yield* lines(chunks);
  let number = 0;
  for await (const elements of readElements(chunks, input.name)) {
    yield elements.map((value) => new Element(++number, value));
  }
}

async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<RawRecord[]> {
  let number = 0;
  for await (const some of splitLines(chunks)) {
    const records: RawRecord[] = [];
    for (const line of some) {
      number++;
      if (isBlank(line)) continue;
      records.push(new Line(number, line));
    }
    yield records;
  }
}

// There is one for each record: they are small, and say where they are only when asked.

class Line implements RawRecord {
  readonly #number: number;
  readonly #bytes: Buffer;

  constructor(number: number, bytes: Buffer) {
    this.#number = number;
    this.#bytes = bytes;
  }

  get place(): string {
    return `line ${this.#number}`;
  }

  read(): KVPair {
    if (!isUtf8(this.#bytes)) throw new Error("it is no UTF-8");
    return parseRecord(parseJSON(this.#bytes.toString()));
  }
}

class Element implements RawRecord {
  readonly #number: number;
  readonly #value: unknown;

  constructor(number: number, value: unknown) {
    this.#number = number;
    this.#value = value;
  }

  get place(): string {
    return `record ${this.#number}`;
  }

  read(): KVPair {
    return parseRecord(this.#value);
  }
}
