import { describe, KVError, quoteKey, type KVCallOptions, type Milliseconds } from "@kvplug/core/seam";

/** A caller's patience: how long it waits, and what ends that sooner. */
export interface Patience {
  readonly deadline: Milliseconds;
  readonly signal?: AbortSignal | undefined;
}

/** The longest time that a timer takes. */
const MAX_TIMER: Milliseconds = 2 ** 31 - 1;

/** What {@link within} resolves to where the time is over. */
export const LATE: unique symbol = Symbol("late");

/** Throws unless this is a deadline. */
export function checkDeadline(deadline: Milliseconds): void {
  if (typeof deadline === "number" && deadline > 0) return;
  throw new KVError(
    "KV_INVALID",
    `deadline must be a number of milliseconds above 0, and it is ${describe(deadline)}.`,
  );
}

/** Throws the signal's reason where the call is aborted already, and {@link KVError} `KV_INVALID` for a deadline that is none. */
export function checkCall({ signal, deadline }: KVCallOptions): void {
  signal?.throwIfAborted();
  if (deadline !== undefined) checkDeadline(deadline);
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
  return wait(work, time, signal, (_resolve, reject) => {
    const message = `The deadline of ${deadline} ms passed before the value of ${quoteKey(key)} came.`;
    reject(new KVError("KV_TIMEOUT", message, { key }));
  });
}

/** What some work comes to, or {@link LATE} where it takes longer. @throws the signal's reason. */
export function within<Result>(
  time: Milliseconds,
  work: Promise<Result>,
  signal?: AbortSignal,
): Promise<Result | typeof LATE> {
  return wait<Result | typeof LATE>(work, time, signal, (resolve) => resolve(LATE));
}

/**
 * Waits for some work, which goes on whatever ends the waiting. Nothing of the waiting is left behind once it is over:
 * neither a timer, which holds the process, nor a listener.
 */
function wait<Result>(
  work: Promise<Result>,
  time: Milliseconds,
  signal: AbortSignal | undefined,
  late: (resolve: (result: Result) => void, reject: (reason: unknown) => void) => void,
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
