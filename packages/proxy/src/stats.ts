import type { CacheStats } from "@kvplug/cache";
import type { KVBudget, KVStats } from "@kvplug/core";

/** What a proxy has done so far. */
export interface ProxyStats {
  /** Requests by route, and how many arrived in all. */
  readonly requests: Readonly<Record<string, number>>;
  /** How many are being answered now. */
  readonly running: number;
  /** What was asked of upstream; empty before the first request. */
  readonly upstream: Partial<KVStats>;
  /** What is left of the budget; absent where upstream has told of none. */
  readonly budget?: KVBudget;
  /** What the caches did, all together; absent without a cache. */
  readonly cache?: CacheStats;
}
