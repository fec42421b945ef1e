import type { Milliseconds } from "./units.ts";

/** The longest time that a timer takes. */
export const MAX_TIMER: Milliseconds = 2 ** 31 - 1;

/** A timer that is running. */
export type Timer = ReturnType<typeof setTimeout>;

/** Runs a function after a time. If that is too long for a timer, it runs early, so the function has to check again. */
export function startTimer(run: () => void, time: Milliseconds): Timer {
  return setTimeout(run, Math.min(Math.max(0, Math.ceil(time)), MAX_TIMER));
}
