import type { Milliseconds } from "@kvplug/core/seam";
import { now } from "./clock.ts";

/** The metadata property that says until when a value of `wrap` is fresh, in milliseconds since 1970. */
const FRESH_UNTIL = "kvplug:freshUntil";

/** Until when a value of `wrap` is good. Whichever of the two moments comes first ends it: no clock that is set delays that. */
export interface Freshness {
  /** By the clocks on the wall, on which processes agree. */
  readonly date: Milliseconds;
  /** By the clock of {@link now}, in this process. */
  readonly moment: Milliseconds;
}

/** Returns the freshness of what is computed now and stays fresh for `ttl`. */
export function freshFor(ttl: Milliseconds): Freshness {
  return { date: Date.now() + ttl, moment: now() + ttl };
}

/** How it is stored. */
export function metadataOf({ date }: Freshness): Record<string, Milliseconds> {
  return { [FRESH_UNTIL]: date };
}

/** How it is read; `undefined` where another hand than that of `wrap` wrote the value. */
export function freshnessIn(metadata: string | undefined): Freshness | undefined {
  // Most metadata is none of ours, and need not be parsed.
  if (metadata === undefined || !metadata.includes(FRESH_UNTIL)) return undefined;
  const date: unknown = JSON.parse(metadata)?.[FRESH_UNTIL];
  return typeof date === "number" ? { date, moment: now() + (date - Date.now()) } : undefined;
}

/**
 * Returns how long it stays fresh; negative if it no longer is. What `wrap` did not store is fresh as long as it
 * exists.
 */
export function leftOf(freshness: Freshness | undefined): Milliseconds {
  if (freshness === undefined) return Number.POSITIVE_INFINITY;
  return Math.min(freshness.date - Date.now(), freshness.moment - now());
}
