/**
 * Time: the clock, timers, the end of a tick, and counters to wait for.
 * It may import nothing.
 *
 * @module
 */
import { exactTime } from "./exact-time.ts";
import type { Milliseconds } from "./units.ts";

let last: Milliseconds = 0;
let lost: Milliseconds = 0;

/**
 * Milliseconds on a clock that never goes back. That of `performance.now()` does where fake timers are put in its
 * place or taken away, and whatever had been planned on the old clock would wait for as long as it went back.
 */
export function now(): Milliseconds {
  const told = exactTime();
  if (told < last) lost += last - told;
  last = told;
  return told + lost;
}
