import type { Milliseconds } from "./kv-namespace.ts";

/** The longest time that a timer takes. */
export const MAX_TIMER: Milliseconds = 2 ** 31 - 1;

/** Resolves after a time, or rejects with the signal's reason. */
export function sleep(time: Milliseconds, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      },
      Math.min(time, MAX_TIMER),
    );
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
