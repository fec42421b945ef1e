import { quoteKey } from "@kvplug/core/seam";
import type { KVPutOptions, Seconds, UnixSeconds } from "@kvplug/core/seam";
import { ApiError, CODE } from "@kvplug/server/routes";
import { MAX_SECONDS } from "./limits.ts";

type Life = Pick<KVPutOptions, "expiration" | "expirationTtl">;

/**
 * Makes a write fit a binding: an `expiration` above {@link MAX_SECONDS}, from January 2038 on, becomes the equivalent
 * `expirationTtl`.
 *
 * @throws {ApiError} 400 if that is still too far ahead.
 */
export function withinReach<Write extends Life>(key: string, write: Write): Write {
  const { expiration, expirationTtl } = write;
  const ttl = expirationTtl ?? secondsUntil(expiration);
  if (ttl !== undefined && ttl > MAX_SECONDS) {
    throw new ApiError(
      400,
      CODE.value,
      `${quoteKey(key)} would expire in ${ttl} seconds, but a Worker's binding takes at most ${MAX_SECONDS}, 68 years: leave the expiration out.`,
    );
  }
  if (expiration === undefined || expiration <= MAX_SECONDS) return write;
  const { expiration: _, ...others } = write;
  return { ...others, expirationTtl: ttl } as Write;
}

function secondsUntil(expiration: UnixSeconds | undefined): Seconds | undefined {
  return expiration === undefined ? undefined : expiration - Math.floor(Date.now() / 1000);
}
