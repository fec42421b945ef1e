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

/** What {@link within} resolves to where the time is over. */
export const LATE: unique symbol = Symbol("late");

/** Throws the signal's reason where the call is aborted already, and {@link KVError} `KV_INVALID` for a deadline that is none. */
export function checkCall({ signal, deadline }: KVCallOptions): void {
  signal?.throwIfAborted();
  if (deadline !== undefined) checkCacheDeadline(deadline);
}

/**
 * Waits for what others wait for as well. The caller's own signal or deadline ends the waiting of
 * this caller alone.
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

/** What some work comes to, or {@link LATE} where it takes longer. @throws the signal's reason. */
export function within<Result>(
  time: Milliseconds,
  work: Promise<Result>,
  signal?: AbortSignal,
): Promise<Result | typeof LATE> {
  return waitAtMost<Result | typeof LATE>(work, time, (resolve) => resolve(LATE), signal);
}
