/** What one request writes or deletes. */
export interface Page<Item, Mark> {
  /** Where it begins; the same in each run. */
  readonly id: string;
  readonly items: readonly Item[];
  /** The bytes of their values, as a sum. */
  readonly bytes: number;
  /** Where the next one begins. */
  readonly next: Mark;
}

/** What fits into one request, and how much of it is worth being in memory. */
export const MOST_ITEMS = 10_000;
export const MOST_BYTES = 8_000_000;
