import type { GatewayLimits } from "@kvplug/core/seam";

/**
 * What one invocation of a Worker can do.
 *
 * @see https://developers.cloudflare.com/kv/platform/limits/
 */
export const LIMITS: GatewayLimits = {
  /** So many operations may one invocation make; a bulk read is one, a write is one a key. */
  bulkKeys: 1000,
  /** A Worker has 128 MB for all that it does at once, and JSON takes several times its length. */
  bulkBytes: 10_000_000,
  /** KV takes one write a second of a key, whoever asks: the gateway waits where KV says so. */
  writeInterval: 0,
};
