import {
  checkCacheDeadline,
  KVError,
  quoteKey,
  waitAtMost,
  type KVCallOptions,
  type Milliseconds,
} from "@kvplug/core/seam";

/** A caller's patience: how long it waits, and what ends that sooner. */
export interface Patience {
  readonly deadline: Milliseconds;
  readonly signal?: AbortSignal | undefined;
}

/** What {@link within} resolves with if the time is over. */
export const LATE: unique symbol = Symbol("late");

/**
 * Throws the signal's reason if the call is already aborted, and {@link KVError} `KV_INVALID` for an invalid deadline.
 */
export function checkCall({ signal, deadline }: KVCallOptions): void {
  signal?.throwIfAborted();
  if (deadline !== undefined) checkCacheDeadline(deadline);
}

/**
 * Waits for shared work. The caller's own signal or deadline ends only this caller's wait.
 *
 * @param time How much of the deadline is left. Default: all.
 * @throws the signal's reason; {@link KVError} `KV_TIMEOUT` at the deadline.
 */
export function waitFor<Result>(
  key: string,
  work: Promise<Result>,
  { deadline, signal }: Patience,
  time: Milliseconds = deadline,
): Promise<Result> {
  const late = (_resolve: unknown, reject: (reason: unknown) => void): void => {
    const message = `The deadline of ${deadline} ms passed before the value of ${quoteKey(key)} arrived.`;
    reject(new KVError("KV_TIMEOUT", message, { key }));
  };
  return waitAtMost(work, time, late, signal);
}

/** Resolves with the work's result, or with {@link LATE} if it takes longer. @throws the signal's reason. */
export function within<Result>(
  time: Milliseconds,
  work: Promise<Result>,
  signal?: AbortSignal,
): Promise<Result | typeof LATE> {
  return waitAtMost<Result | typeof LATE>(work, time, (resolve) => resolve(LATE), signal);
}
