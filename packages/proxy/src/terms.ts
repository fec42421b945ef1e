import type { Flow, Milliseconds, Seconds } from "@kvplug/core/seam";

/** What a request asks for beside its route. */
export interface Terms {
  /** How long upstream may take, with all waits. */
  readonly deadline: Milliseconds;
  /** Ends the wait: the caller has gone, or the proxy ends. */
  readonly signal: AbortSignal;
  /** In which it has its turns. */
  readonly flow: Flow;
  /** Whether copies of a cache are no answer. */
  readonly isFresh: boolean;
  /** For how long the edge of a gateway may keep what is read. */
  readonly cacheTtl: Seconds | undefined;
}
