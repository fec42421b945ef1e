import type { Milliseconds } from "../seam/kv-namespace.ts";
import type { KVRetryOptions } from "../contract/options.ts";

/** The wait after a failed attempt, with full jitter: clients that failed together do not come back together. */
export function backoff({ minDelay, maxDelay }: Readonly<Required<KVRetryOptions>>, attempt: number): Milliseconds {
  return Math.random() * Math.min(maxDelay, minDelay * 2 ** (attempt - 1));
}
