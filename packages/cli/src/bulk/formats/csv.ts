import type { TransformOptions } from "node:stream";
import type { KVPair } from "@kvplug/core";
import { CsvError, parse, type Info, type Options } from "csv-parse";
import { stringify } from "csv-stringify/sync";
import { CommandError, EXIT } from "../../command-error.ts";
import type { UnreadRecord } from "./unread-record.ts";
import { tooLarge } from "./record-size.ts";
import { parseRecord, recordOf, type Entry, type ValueRecord } from "./records.ts";

/** The columns of an export, in their order. */
const COLUMNS = ["key", "value", "base64", "metadata", "expiration"] as const satisfies (keyof ValueRecord)[];

/** Those that an import knows. */
const KNOWN: ReadonlySet<string> = new Set([...COLUMNS, "expiration_ttl"]);

/** The most characters of a record: those of the largest value as base64, or of one that is all quotation marks. */
const MOST_CHARACTERS = 60_000_000;

/** Records are returned together until they hold this much. */
const HEAP_CHARACTERS = 1 << 16;

/** The line that names the columns. */
export const CSV_HEADER: string = row(COLUMNS);

/** An entry as a line of CSV; what it does not have is empty. Metadata are JSON. */
export function formatCSV(entry: Entry): string {
  const { key, value, base64, metadata, expiration } = recordOf(entry);
  return row([key, value, base64 ? "true" : "", metadata === undefined ? "" : JSON.stringify(metadata), expiration]);
}

function row(cells: readonly unknown[]): string {
  // A return would end the line for others.
  return stringify([cells], { quoted_match: "\r" });
}

/** Whether a text begins with a line that names the columns of records. */
export function isCSV(start: Buffer): boolean {
  const [first = ""] = start.toString().split(/[\r\n]/, 1);
  const names = new Set(first.split(",").map((name) => name.replace(/^"(.*)"$/, "$1")));
  return names.has("key") && names.has("value");
}

/**
 * Reads the records of CSV in small heaps; its first line names the columns.
 *
 * @throws {CommandError} if it is not CSV in UTF-8, or a column is unknown.
 */
export async function* readCSV(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<UnreadRecord[]> {
  const options: Options & TransformOptions = {
    bom: true,
    info: true,
    max_record_size: MOST_CHARACTERS,
    // As many records as one piece of the input holds: each may be a large one.
    readableHighWaterMark: 1,
    // A wrong number of columns is reported with its line, further down.
    relax_column_count: true,
    skip_empty_lines: true,
  };
  const parser = parse(options);
  const { pipeline } = await import("node:stream/promises");
  const fed = pipeline(utf8(chunks, name), parser);
  // The loop below throws the same error.
  fed.catch(() => {});
  let columns: readonly string[] | undefined;
  let [records, characters]: [UnreadRecord[], number] = [[], 0];
  try {
    for await (const { record: cells, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      if (columns === undefined) columns = checkColumns(cells, name);
      else records.push(new Row(info.lines, cells, columns));
      for (const cell of cells) characters += cell.length;
      if (characters < HEAP_CHARACTERS) continue;
      yield records;
      [records, characters] = [[], 0];
    }
    await fed;
  } catch (error) {
    throw error instanceof CsvError ? broken(error, name) : error;
  }
  if (records.length > 0) yield records;
}

/** A line of CSV that is not looked into before it is asked for. */
class Row implements UnreadRecord {
  readonly #line: number;
  readonly #cells: readonly string[];
  readonly #columns: readonly string[];

  constructor(line: number, cells: readonly string[], columns: readonly string[]) {
    this.#line = line;
    this.#cells = cells;
    this.#columns = columns;
  }

  get place(): string {
    return `line ${this.#line}`;
  }

  read(): KVPair {
    const [cells, columns] = [this.#cells, this.#columns];
    if (cells.length !== columns.length)
      throw new Error(`it has ${cells.length} cells, but the first line has ${columns.length} columns`);
    return parseRecord(Object.fromEntries(columns.map((column, i) => [column, meaningOf(column, cells[i]!)])));
  }
}

/** What a cell says; `undefined` for nothing. */
function meaningOf(column: string, cell: string): unknown {
  if (column === "key" || column === "value") return cell;
  if (cell === "") return undefined;
  switch (column) {
    case "base64":
      return cell === "true" ? true : cell === "false" ? false : cell;
    case "metadata":
      try {
        return JSON.parse(cell);
      } catch {
        throw new Error("its metadata is not JSON");
      }
    default:
      return /^\d+$/.test(cell) ? Number(cell) : cell;
  }
}

function checkColumns(columns: readonly string[], name: string): readonly string[] {
  const unknown = columns.find((column) => !KNOWN.has(column));
  if (unknown !== undefined)
    throw new CommandError(
      EXIT.failed,
      `${name}, line 1: there is no column ${JSON.stringify(unknown.slice(0, 40))}. Columns are ${[...KNOWN].join(", ")}.`,
    );
  return columns;
}

/** Decoding would silently change what is not UTF-8. */
async function* utf8(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const check = (chunk?: Buffer): void => {
    try {
      decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new CommandError(EXIT.failed, `${name} is not UTF-8. Save it as UTF-8.`);
    }
  };
  for await (const chunk of chunks) {
    check(chunk);
    yield chunk;
  }
  check();
}

/** The parser's own message quotes the text. */
function broken({ code, lines }: CsvError & { lines?: number }, name: string): CommandError {
  const place = lines === undefined ? name : `${name}, line ${lines}`;
  if (code === "CSV_MAX_RECORD_SIZE") return tooLarge(place);
  return new CommandError(
    EXIT.failed,
    `${place}: it is not CSV. Quote a cell that has a quotation mark, and double the mark: "so ""quoted""".`,
  );
}
