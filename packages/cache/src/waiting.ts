import { describe, KVError, quoteKey, type KVCallOptions, type Milliseconds } from "@kvplug/core/seam";

/** The longest time that a timer takes. */
const MAX_TIMER: Milliseconds = 2 ** 31 - 1;

/** Throws the signal's reason where the call is aborted already, and {@link KVError} `KV_INVALID` for a deadline that is none. */
export function checkCall({ signal, deadline }: KVCallOptions): void {
  signal?.throwIfAborted();
  if (deadline === undefined || (typeof deadline === "number" && deadline > 0)) return;
  throw new KVError(
    "KV_INVALID",
    `deadline must be a number of milliseconds above 0, and it is ${describe(deadline)}.`,
  );
}

/**
 * Waits for what others wait for as well. The caller's own signal or deadline ends the waiting of
 * this caller alone.
 *
 * @throws the signal's reason; {@link KVError} `KV_TIMEOUT` at the deadline.
 */
export function waitFor<Result>(
  key: string,
  work: Promise<Result>,
  { signal, deadline }: KVCallOptions,
): Promise<Result> {
  if (signal === undefined && deadline === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal!.reason);
    const timer =
      deadline === undefined
        ? undefined
        : setTimeout(
            () => {
              const message = `The deadline of ${deadline} ms passed before the value of ${quoteKey(key)} came.`;
              reject(new KVError("KV_TIMEOUT", message, { key }));
            },
            Math.min(deadline, MAX_TIMER),
          );
    const stop = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(stop);
  });
}

/** What some work comes to, or `undefined` where it takes longer. The work goes on. */
export function within<Result>(time: Milliseconds, work: Promise<Result>): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), Math.min(time, MAX_TIMER));
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
