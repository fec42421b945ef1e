import type { KVPair } from "@kvplug/core";
import { MIN_EXPIRATION_TTL_SECONDS, type UnixSeconds } from "@kvplug/core/seam";

/**
 * A pair as KV takes it: one that expires within the next minute lives until its end, the least
 * there is. `undefined` where it has expired.
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
