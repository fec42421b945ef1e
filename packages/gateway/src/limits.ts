import type { GatewayLimits, Seconds } from "@kvplug/core/seam";

/**
 * How many operations one invocation of a Worker may make: a bulk read is one, a write is one a key.
 *
 * @see https://developers.cloudflare.com/kv/platform/limits/
 */
export const MAX_OPERATIONS = 1000;

/** The most seconds that a binding takes, of whatever kind: it keeps them in 32 bits. */
export const MAX_SECONDS: Seconds = 2 ** 31 - 1;

/** The limits that the driver learns. */
export const LIMITS: GatewayLimits = {
  /**
   * Fewer than are possible: an invocation has six connections, so that a thousand writes may take longer than a
   * client waits, while five requests of 200 have thirty.
   */
  bulkKeys: 200,
  /** A Worker has 128 MB for all that it does at once, and JSON takes several times its length. */
  bulkBytes: 10_000_000,
  /** KV accepts one write a second per key, from all clients together: the gateway waits when KV reports it. */
  writeInterval: 0,
};
