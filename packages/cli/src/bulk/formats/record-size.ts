import { CommandError, EXIT } from "../../command-error.ts";

/** The largest value there is, each of its bytes escaped as \u0000 is, and some more. */
const MOST_BYTES = 160_000_000;

/** The same as base64, which is as much of it as there may be without escapes. */
const MOST_PLAIN_BYTES = 36_000_000;

/** How much shorter an escape's meaning is, at most. */
const SAVED_BY_ESCAPE = 5;

const BACKSLASH = "\\".charCodeAt(0);

/** The size of a pending record, so that one that is too long is rejected before it fills the memory. */
export class RecordSize {
  #bytes = 0;
  #escapes = 0;

  reset(): void {
    this.#bytes = 0;
    this.#escapes = 0;
  }

  /** @throws {CommandError} if this is longer than any record can be, at a place such as `in.ndjson, line 3`. */
  add(part: Buffer, place: () => string): void {
    this.#bytes += part.length;
    for (let at = part.indexOf(BACKSLASH); at !== -1; at = part.indexOf(BACKSLASH, at + 1)) this.#escapes++;
    const isTooMuch = this.#bytes > MOST_BYTES || this.#bytes - SAVED_BY_ESCAPE * this.#escapes > MOST_PLAIN_BYTES;
    if (isTooMuch) throw tooLarge(place());
  }
}

export function tooLarge(place: string): CommandError {
  return new CommandError(EXIT.failed, `${place}: it is longer than any record can be.`);
}
