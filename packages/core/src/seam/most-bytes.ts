/**
 * The name of an option by which a call for many keys says how many bytes its values may have together. With more, it
 * rejects with `KVLimitError` and reads no others: who answers somebody else must not hold all of it in memory.
 */
export const MOST_BYTES: unique symbol = Symbol.for("kvplug.mostBytes");

/** Options of a call that may be limited so. */
export interface UpToBytes {
  readonly [MOST_BYTES]?: number | undefined;
}

/** How many bytes the values of a call may have together. */
export function mostBytesOf(options: object): number | undefined {
  return (options as UpToBytes)[MOST_BYTES];
}
