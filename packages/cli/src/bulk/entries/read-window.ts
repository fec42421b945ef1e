import { MAX_BULK_GET_KEYS } from "@kvplug/core";

/** About how many bytes of values may be in memory at once. */
const MOST_BYTES = 24_000_000;

/** The most requests for values that run at once. */
const MOST_RUNNING = 8;

/**
 * How much to read at once: full requests, several at a time, until the values turn out to be large. A value's size is
 * unknown before it is read, so the last ones have to do.
 */
export class ReadWindow {
  readonly #mostRunning: number;
  #bytesPerKey = 0;

  /** @param mostRunning The most requests at once. */
  constructor(mostRunning: number = MOST_RUNNING) {
    this.#mostRunning = mostRunning;
  }

  /** Tells what a request brought. */
  digest(keys: number, bytes: number): void {
    if (keys > 0) this.#bytesPerKey = bytes / keys;
  }

  /** How many keys the next request is to ask for. */
  readonly keys = (): number => within(MOST_BYTES / this.#bytesPerKey, MAX_BULK_GET_KEYS);

  /** How many requests may run at once. */
  readonly running = (): number => within(MOST_BYTES / (this.#bytesPerKey * this.keys()), this.#mostRunning);
}

function within(number: number, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(number)));
}
