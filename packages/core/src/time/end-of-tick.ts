const nextTick: ((run: () => void) => void) | undefined = globalThis.process?.nextTick?.bind(globalThis.process);

/**
 * Runs a function after everything that is due in this turn of the event loop, promise reactions included. In Node it
 * uses no timer.
 */
export function endOfTick(run: () => void): void {
  // `nextTick` alone would run before the reactions that are queued by now.
  if (nextTick) queueMicrotask(() => nextTick(run));
  else setTimeout(run, 0);
}
