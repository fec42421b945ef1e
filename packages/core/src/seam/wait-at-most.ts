import type { Milliseconds } from "./kv-namespace.ts";
import { MAX_TIMER } from "../time/timer.ts";

/** Settles a wait whose time is over. */
type Late<Result> = (resolve: (result: Result) => void, reject: (reason: unknown) => void) => void;

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
  late: Late<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const wait = new Wait(resolve, reject, late, signal);
    wait.begin(time);
    const succeed = (result: Result): void => {
      wait.stop();
      resolve(result);
    };
    const fail = (error: unknown): void => {
      wait.stop();
      reject(error);
    };
    work.then(succeed, fail);
  });
}

/** What may end a wait before its work is done. One object for all of it: a million reads may wait at once. */
class Wait<Result> {
  readonly #resolve: (result: Result) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #late: Late<Result>;
  readonly #signal: AbortSignal | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    resolve: (result: Result) => void,
    reject: (reason: unknown) => void,
    late: Late<Result>,
    signal: AbortSignal | undefined,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#late = late;
    this.#signal = signal;
  }

  begin(time: Milliseconds): void {
    // A longer one than a timer takes is for good.
    if (time <= MAX_TIMER) this.#timer = setTimeout(() => this.#end(), Math.max(0, time));
    this.#signal?.addEventListener("abort", this, { once: true });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this);
  }

  /** The signal is aborted. */
  handleEvent(): void {
    this.stop();
    this.#reject(this.#signal!.reason);
  }

  #end(): void {
    this.stop();
    this.#late(this.#resolve, this.#reject);
  }
}
