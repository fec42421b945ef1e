import type { Milliseconds } from "./units.ts";

/** The longest time that a timer takes. */
export const MAX_TIMER: Milliseconds = 2 ** 31 - 1;

/** A timer that is running. */
export type Timer = ReturnType<typeof setTimeout>;

/** Runs a function after a time; one that is too long for a timer ends early, so whoever minds looks again. */
export function startTimer(run: () => void, time: Milliseconds): Timer {
  return setTimeout(run, Math.min(Math.max(0, Math.ceil(time)), MAX_TIMER));
}
