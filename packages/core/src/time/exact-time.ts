import type { Milliseconds } from "./units.ts";

/** A power of two in each millisecond. */
const STEPS = 1024;

/**
 * `performance.now()`, in steps of 1/1024 ms, of which sums and differences are exact: of others `(at + 5000) - at` may be
 * more than 5000.
 */
export function exactTime(): Milliseconds {
  return Math.floor(performance.now() * STEPS) / STEPS;
}
