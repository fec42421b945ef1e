import { exactTime, type Milliseconds } from "@kvplug/core/seam";

/** How often the wall clock is looked at. */
const GRAIN: Milliseconds = 1000;

/** In an object, whose numbers V8 changes in place: a variable's would be a new one on the heap each time. */
const clock = {
  last: 0,
  /** What `performance.now()` has been set back by so far. */
  lost: 0,
  /** A moment on this clock, and on that on the wall. */
  seenAt: Number.NEGATIVE_INFINITY,
  seenDate: 0,
  /** When the wall clock is looked at again. */
  looksAt: Number.NEGATIVE_INFINITY,
};

/**
 * The clock for ages, waits and everything that ends after a time: `performance.now()`, which clock changes do not
 * affect, and which here never steps back. It would when fake timers begin or end, and everything due at a time would
 * be late by that step. The wall clock tells how much time passed meanwhile.
 */
export function now(): Milliseconds {
  const time = exactTime() + clock.lost;
  if (time < clock.last || time >= clock.looksAt) return look(time);
  clock.last = time;
  return time;
}

/** Once in a while, and after a step back: looks at the wall clock. */
function look(time: Milliseconds): Milliseconds {
  if (time >= clock.last) {
    clock.last = time;
  } else {
    clock.last = Math.max(clock.last, clock.seenAt + (Date.now() - clock.seenDate));
    clock.lost += clock.last - time;
  }
  if (clock.last >= clock.looksAt) {
    clock.seenAt = clock.last;
    clock.seenDate = Date.now();
    clock.looksAt = clock.last + GRAIN;
  }
  return clock.last;
}
