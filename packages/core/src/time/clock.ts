/**
 * Time: the clock, timers, the end of a tick, and counters to wait for.
 * It may import nothing.
 *
 * @module
 */
import type { Milliseconds } from "./units.ts";

/** A power of two in each millisecond: sums and differences of such times are exact, which those of any others are not. */
const STEPS = 1024;

let last: Milliseconds = 0;
let lost: Milliseconds = 0;

/**
 * Milliseconds on a clock that never goes back. That of `performance.now()` does where fake timers are put in its
 * place or taken away, and whatever had been planned on the old clock would wait for as long as it went back.
 */
export function now(): Milliseconds {
  const told = Math.floor(performance.now() * STEPS) / STEPS;
  if (told < last) lost += last - told;
  last = told;
  return told + lost;
}
