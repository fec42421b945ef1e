/**
 * Time: the clock, timers, the end of a tick, and counters to wait for.
 * It may import nothing.
 *
 * @module
 */
import { exactTime } from "./exact-time.ts";
import type { Milliseconds } from "./units.ts";

/** In an object, whose numbers V8 changes in place: a variable's would be a new one on the heap each time. */
const clock = { last: 0, lost: 0 };

/**
 * Milliseconds on a clock that never goes back. That of `performance.now()` does where fake timers are put in its
 * place or taken away, and whatever had been planned on the old clock would wait for as long as it went back.
 */
export function now(): Milliseconds {
  const told = exactTime();
  if (told < clock.last) clock.lost += clock.last - told;
  clock.last = told;
  return told + clock.lost;
}
