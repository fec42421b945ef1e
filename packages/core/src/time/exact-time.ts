import type { Milliseconds } from "./units.ts";

/**
 * `performance.now()`, in steps of 1/1024 ms, of which sums and differences are exact: of others `(at + 5000) - at` may be
 * more than 5000. (The figures are written out: a variable of the module would be looked up each time.)
 */
export function exactTime(): Milliseconds {
  return Math.floor(performance.now() * 1024) / 1024;
}
