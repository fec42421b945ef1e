/** Somebody who stops waiting when a signal is aborted. */
export interface Abortable {
  onAbort(reason: unknown): void;
}

/** One listener serves all who wait on a signal: a signal takes time in the number of its listeners to lose one. */
const listening: WeakMap<AbortSignal, { readonly all: Set<Abortable>; readonly stop: () => void }> = new WeakMap();

/** Calls `onAbort` when the signal is aborted, until {@link unlisten}. */
export function listen(signal: AbortSignal, abortable: Abortable): void {
  const known = listening.get(signal);
  if (known) {
    known.all.add(abortable);
    return;
  }
  const all = new Set([abortable]);
  const stop = (): void => {
    listening.delete(signal);
    for (const one of all) one.onAbort(signal.reason);
  };
  listening.set(signal, { all, stop });
  signal.addEventListener("abort", stop, { once: true });
}

export function unlisten(signal: AbortSignal, abortable: Abortable): void {
  const known = listening.get(signal);
  if (!known?.all.delete(abortable) || known.all.size > 0) return;
  listening.delete(signal);
  signal.removeEventListener("abort", known.stop);
}
