import type { Milliseconds } from "./units.ts";

/**
 * Node's `performance` is an accessor: to look it up each time takes 7 % of a cache's hit. Fake timers put another one
 * there, with another `Date` or `setTimeout` beside it.
 */
const seen = { performance, Date, setTimeout };

/**
 * `performance.now()`, in steps of 1/1024 ms, of which sums and differences are exact: of others `(at + 5000) - at` may be
 * more than 5000. (The figures are written out: a variable of the module would be looked up each time.)
 */
export function exactTime(): Milliseconds {
  if (Date !== seen.Date || setTimeout !== seen.setTimeout) Object.assign(seen, { performance, Date, setTimeout });
  return Math.floor(seen.performance.now() * 1024) / 1024;
}
