import type { Milliseconds } from "../seam/kv-namespace.ts";

/**
 * A request budget that several clients spend, in several processes as a rule: it is asked before each request, after the
 * client's own count has let that pass.
 */
export interface KVSharedBudget {
  /**
   * Returns 0 where a request may go now. Else it returns how long that will take, as far as is known, and calls the
   * listener of {@link onOpen} once one may.
   */
  wait(): Milliseconds;
  /** A request goes. It is called where {@link wait} has just returned 0. */
  take(): void;
  /** The answer to one of those came, or none will. */
  answered(): void;
  /** Sets what to call when a request may go that had to wait. */
  onOpen(listener: () => void): void;
}
