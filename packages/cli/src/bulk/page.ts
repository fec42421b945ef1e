/** What one request writes or deletes. */
export interface Page<Item, Mark> {
  /** The same in each run; of another page, where the source has changed so that it holds something else. */
  readonly id: string;
  readonly items: readonly Item[];
  /** The bytes of their values, as a sum. */
  readonly bytes: number;
  /** How many records between its ends are left out. */
  readonly leftOut?: number;
  /** Where the next one begins. */
  readonly next: Mark;
}

/** What fits into one request, and how much of it is worth being in memory. */
export const MOST_ITEMS = 10_000;
export const MOST_BYTES = 8_000_000;

/** The id of a page of what may change between two runs: what begins where a confirmed page did, and ends elsewhere, is none. */
export function pageId<Mark>(start: Mark, next: Mark): string {
  return JSON.stringify([start, next]);
}
