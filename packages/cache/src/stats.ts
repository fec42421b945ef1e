/** What a cache has done so far; see {@link CachedKV.stats}. */
export interface CacheStats {
  /** Keys answered from a copy or a pending write. */
  hits: number;
  /** Keys that needed the backend. */
  misses: number;
  /** Keys answered from a copy past its `ttl`. */
  stale: number;
  /** Misses that joined a pending backend read. */
  coalesced: number;
  /** Keys requested from the backend. */
  backendReads: number;
  /** Copies evicted to make room. */
  evictions: number;
  /** Values too large to cache, which passed through. */
  tooLarge: number;
  /** Failures that reached no caller: of a background refresh, of storing a `wrap` value, of the bus. */
  errors: number;
  /** Copies held now, of values and of missing keys. */
  entries: number;
  /** Bytes held now: keys, values, metadata and each copy's own cost. */
  bytes: number;
}

/** The counters; the other figures are computed on demand. */
export type CacheCounts = Omit<CacheStats, "entries" | "bytes">;

export function newCounts(): CacheCounts {
  return { hits: 0, misses: 0, stale: 0, coalesced: 0, backendReads: 0, evictions: 0, tooLarge: 0, errors: 0 };
}
