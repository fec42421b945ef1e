import type { Milliseconds } from "./kv-namespace.ts";
import { MAX_TIMER } from "../time/timer.ts";

/**
 * Waits for some work, which goes on however the wait ends. Leaves neither a timer, which would keep the process alive,
 * nor a listener.
 *
 * @param late Settles the wait when the time is over.
 * @throws the signal's reason, if it is aborted first.
 */
export function waitAtMost<Result>(
  work: Promise<Result>,
  time: Milliseconds,
  late: (resolve: (result: Result) => void, reject: (reason: unknown) => void) => void,
  signal?: AbortSignal,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const onAbort = (): void => {
      stop();
      reject(signal!.reason);
    };
    const onLate = (): void => {
      stop();
      late(resolve, reject);
    };
    const onResult = (result: Result): void => {
      stop();
      resolve(result);
    };
    const onError = (error: unknown): void => {
      stop();
      reject(error);
    };
    // A longer one than a timer takes is for good.
    const timer = time > MAX_TIMER ? undefined : setTimeout(onLate, Math.max(0, time));
    signal?.addEventListener("abort", onAbort, { once: true });
    work.then(onResult, onError);
  });
}
