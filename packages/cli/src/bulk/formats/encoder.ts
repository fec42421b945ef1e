import { CSV_HEADER, formatCSV } from "./csv.ts";
import { formatRecord, type Entry } from "./records.ts";

/** How records are laid out: one a line, as wrangler's array, or as CSV. */
export type Format = "ndjson" | "json" | "csv";

/** Returns the format that a file's name implies. */
export function formatOf(path: string): Format {
  const [, ending] = /\.(json|csv)(?:\.gz)?$/.exec(path) ?? [];
  return (ending as "json" | "csv" | undefined) ?? "ndjson";
}

/** Writes records as text, from the first one on or from a later one. */
export class Encoder {
  readonly #format: Format;
  #records: number;

  /** @param records How many are written already. */
  constructor(format: Format, records: number) {
    this.#format = format;
    this.#records = records;
  }

  record(entry: Entry): string {
    const isFirst = this.#records++ === 0;
    if (this.#format === "csv") return `${isFirst ? CSV_HEADER : ""}${formatCSV(entry)}`;
    const text = formatRecord(entry);
    if (this.#format === "ndjson") return `${text}\n`;
    return isFirst ? `[\n${text}` : `,\n${text}`;
  }

  /** What follows the last one. */
  end(): string {
    if (this.#format === "ndjson") return "";
    if (this.#format === "csv") return this.#records === 0 ? CSV_HEADER : "";
    return this.#records === 0 ? "[]\n" : "\n]\n";
  }
}
