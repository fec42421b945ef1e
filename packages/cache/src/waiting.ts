import { KVError, quoteKey, type KVCallOptions } from "@kvplug/core/seam";

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
        : setTimeout(() => {
            const message = `The deadline of ${deadline} ms passed before the value of ${quoteKey(key)} came.`;
            reject(new KVError("KV_TIMEOUT", message, { key }));
          }, deadline);
    const stop = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(stop);
  });
}

/** What some work comes to, or `undefined` where it takes longer. The work goes on. */
export function within<Result>(time: number, work: Promise<Result>): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), time);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
