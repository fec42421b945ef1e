import type { Milliseconds } from "./units.ts";

/**
 * The platform's own clock. Node's `performance` is an accessor: to look it up each time takes some 5 % of a cache's hit.
 * Fake timers put another one there, with another `Date` or `setTimeout` beside it; where `performance` is all that they
 * replace, timers go on as they did, and so does this. One that was there before this was loaded has a `now` of its own.
 */
const own = { performance, setTimeout, Date: Object.hasOwn(performance, "now") ? undefined : Date };

/**
 * `performance.now()`, in steps of 1/1024 ms, of which sums and differences are exact: of others `(at + 5000) - at` may be
 * more than 5000. (The figures are written out: a variable of the module would be looked up each time.)
 */
export function exactTime(): Milliseconds {
  const clock = Date === own.Date && setTimeout === own.setTimeout ? own.performance : performance;
  return Math.floor(clock.now() * 1024) / 1024;
}
