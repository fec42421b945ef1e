import type { Milliseconds } from "@kvplug/core";

/** A timer that is running. */
export type Timer = ReturnType<typeof setTimeout>;

/** Runs a function after a time. The API is another process: its timers hold no process of the driver's. */
export function after(time: Milliseconds, run: () => void): Timer {
  const timer = setTimeout(run, time);
  (timer as { unref?(): void }).unref?.();
  return timer;
}
