import { CACHE_TTL_HEADER, MIN_CACHE_TTL_SECONDS, quoteKey } from "@kvplug/core/seam";
import type { Seconds } from "@kvplug/core/seam";
import type { Context } from "hono";
import { ApiError, CODE } from "./errors.ts";

/** The most seconds that a binding takes: it keeps them in 32 bits. */
const MAX_CACHE_TTL_SECONDS: Seconds = 2 ** 31 - 1;

/** What a `cacheTtl` may be, in words. */
export const CACHE_TTL_RANGE: string = `whole seconds from ${MIN_CACHE_TTL_SECONDS} to ${MAX_CACHE_TTL_SECONDS}`;

/** Whether a binding takes it as `cacheTtl`. */
export function isCacheTtl(seconds: number): boolean {
  return Number.isInteger(seconds) && seconds >= MIN_CACHE_TTL_SECONDS && seconds <= MAX_CACHE_TTL_SECONDS;
}

/**
 * For how long a read lets the edge keep what it finds; `undefined` where it does not say.
 *
 * @throws {ApiError} 400 for what is no such time.
 */
export function cacheTtlOf(c: Context): Seconds | undefined {
  const text = c.req.header(CACHE_TTL_HEADER);
  if (text === undefined) return undefined;
  const seconds = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (isCacheTtl(seconds)) return seconds;
  throw new ApiError(400, CODE.value, `${CACHE_TTL_HEADER} must be ${CACHE_TTL_RANGE}, not ${quoteKey(text)}.`);
}
