import { formatRecord, type Entry } from "./records.ts";

/** How records are laid out: one a line, or as wrangler's array. */
export type Format = "ndjson" | "json";

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
    const text = formatRecord(entry);
    if (this.#format === "ndjson") return `${text}\n`;
    return isFirst ? `[\n${text}` : `,\n${text}`;
  }

  /** What follows the last one. */
  end(): string {
    if (this.#format === "ndjson") return "";
    return this.#records === 0 ? "[]\n" : "\n]\n";
  }
}
