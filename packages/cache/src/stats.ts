/** What a cache has done so far; see {@link CachedKV.stats}. */
export interface CacheStats {
  /** Reads of a key that a copy, or a write under way, answered. */
  hits: number;
  /** Reads of a key that had to ask the backend. */
  misses: number;
  /** Reads of a key that a copy past its `ttl` answered. */
  stale: number;
  /** Misses that joined a read of the backend which was under way. */
  coalesced: number;
  /** Keys that the backend was asked for. */
  backendReads: number;
  /** Copies that had to go for others. */
  evictions: number;
  /** Values that were too large to keep, and passed through. */
  tooLarge: number;
  /** Failures that no caller was told of: of a refresh in the background, of `wrap`'s storing, of the bus. */
  errors: number;
  /** Copies held now, of values and of the knowledge that there is none. */
  entries: number;
  /** Bytes held now: keys, values, metadata and each copy's own cost. */
  bytes: number;
}

/** The figures that are counted; the others are looked up. */
export type CacheCounts = Omit<CacheStats, "entries" | "bytes">;

export function newCounts(): CacheCounts {
  return { hits: 0, misses: 0, stale: 0, coalesced: 0, backendReads: 0, evictions: 0, tooLarge: 0, errors: 0 };
}
