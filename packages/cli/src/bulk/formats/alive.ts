import type { KVPair } from "@kvplug/core";
import { MIN_EXPIRATION_TTL_SECONDS, type UnixSeconds } from "@kvplug/core/seam";

/**
 * Returns a pair as KV accepts it: one that expires within the next minute gets KV's minimum of a minute. Returns
 * `undefined` if it has expired.
 */
export function alive<Pair extends KVPair>(pair: Pair, now: UnixSeconds = Date.now() / 1000): Pair | undefined {
  const { expiration, expirationTtl } = pair;
  // What is no moment is for the check to tell.
  if (expirationTtl !== undefined || expiration === undefined || !Number.isSafeInteger(expiration)) return pair;
  if (expiration <= now) return undefined;
  if (expiration > now + MIN_EXPIRATION_TTL_SECONDS + 1) return pair;
  const { expiration: _, ...others } = pair;
  return { ...others, expirationTtl: MIN_EXPIRATION_TTL_SECONDS } as Pair;
}
