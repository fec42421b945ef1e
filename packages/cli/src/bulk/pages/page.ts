/** What one request writes or deletes. */
export interface Page<Item, Mark> {
  /** The same in each run; different if the source changed, so that the page has other content. */
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

/**
 * The id of a page whose source may change between two runs: a page that begins like a confirmed one, but ends
 * elsewhere, is not that one.
 */
export function pageId<Mark>(start: Mark, next: Mark): string {
  return JSON.stringify([start, next]);
}
