import { exactTime, type Milliseconds } from "@kvplug/core/seam";

/** How often the wall clock is looked at. */
const GRAIN: Milliseconds = 1000;

let last: Milliseconds = 0;
/** What `performance.now()` has been set back by so far. */
let lost: Milliseconds = 0;
/** A moment on this clock, and on that on the wall. */
let seen: { at: Milliseconds; date: Milliseconds } = { at: Number.NEGATIVE_INFINITY, date: 0 };

/**
 * The clock for ages, waits and everything that ends after a time: `performance.now()`, which clock changes do not
 * affect, and which here never steps back. It would when fake timers begin or end, and everything due at a time would
 * be late by that step. The wall clock tells how much time passed meanwhile.
 */
export function now(): Milliseconds {
  const time = exactTime() + lost;
  if (time >= last) {
    last = time;
  } else {
    last = Math.max(last, seen.at + (Date.now() - seen.date));
    lost += last - time;
  }
  if (last - seen.at >= GRAIN) seen = { at: last, date: Date.now() };
  return last;
}
