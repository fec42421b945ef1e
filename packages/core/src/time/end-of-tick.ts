const nextTick: ((run: () => void) => void) | undefined = globalThis.process?.nextTick?.bind(globalThis.process);

/**
 * Runs a function once all that is due in this turn of the event loop has run, promise reactions
 * included. It waits on no timer where there is Node.
 */
export function endOfTick(run: () => void): void {
  // `nextTick` alone would run before the reactions that are queued by now.
  if (nextTick) queueMicrotask(() => nextTick(run));
  else setTimeout(run, 0);
}
