import type { Milliseconds } from "./kv-namespace.ts";
import { startTimer } from "./timer.ts";

/** Resolves after a time, or rejects with the signal's reason. */
export function sleep(time: Milliseconds, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = startTimer(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, time);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
