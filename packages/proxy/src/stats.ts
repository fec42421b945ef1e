import type { CacheStats } from "@kvplug/cache";
import type { KVBudget, KVStats } from "@kvplug/core";

/** What a proxy has done so far. */
export interface ProxyStats {
  /** Requests by route, and in all. */
  readonly requests: Readonly<Record<string, number>>;
  /** How many are running now. */
  readonly running: number;
  /** How many bytes their bodies have, and answers that their callers do not have yet; those above 64 KiB counted. */
  readonly heldBytes: number;
  /** Requests to upstream; empty before the first one. */
  readonly upstream: Partial<KVStats>;
  /** What is left of the budget; absent if upstream has reported none. */
  readonly budget?: KVBudget;
  /** What all caches together did; absent without a cache. */
  readonly cache?: CacheStats;
}
