import type { Party } from "./abandoned.ts";
import type { KVCallOptions, Milliseconds } from "./kv-namespace.ts";
import { checkDeadline } from "./options.ts";
import type { Requests } from "./request.ts";
import { startTimer, type Timer } from "./timer.ts";

/**
 * Somebody who waits for a result, and is answered once: by the result, by a failure, by the
 * caller's own signal, or by the deadline. What the caller shares with others goes on without it.
 */
export class Caller<Result> implements Party {
  readonly promise: Promise<Result>;
  /** When the call was made, on the clock of `performance.now()`. */
  readonly at: Milliseconds = performance.now();
  /** When the caller stops waiting, on the same clock. */
  readonly end: Milliseconds;
  #resolve!: (result: Result) => void;
  #reject!: (reason: unknown) => void;
  #timer: Timer | undefined;
  readonly #forget: (() => void) | undefined;
  #onLeave: (() => void)[] | undefined;
  #settled = false;

  /** @throws the signal's reason, where it is aborted already. */
  constructor(requests: Requests, options: KVCallOptions) {
    const { signal, deadline } = options;
    signal?.throwIfAborted();
    checkDeadline(deadline);
    this.end = this.at + (deadline ?? requests.settings.deadline);
    this.promise = new Promise<Result>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (signal === undefined && deadline === undefined) return;
    const stop = (): void => this.#leave(signal!.reason);
    signal?.addEventListener("abort", stop, { once: true });
    if (deadline !== undefined) this.#wakeAtEnd(requests);
    this.#forget = () => {
      signal?.removeEventListener("abort", stop);
      clearTimeout(this.#timer);
    };
  }

  get settled(): boolean {
    return this.#settled;
  }

  get mayLeave(): boolean {
    return this.#forget !== undefined;
  }

  onLeave(listener: () => void): void {
    (this.#onLeave ??= []).push(listener);
  }

  resolve(result: Result): void {
    if (this.#settled) return;
    this.#settle();
    this.#resolve(result);
  }

  reject(reason: unknown): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(reason);
  }

  #leave(reason: unknown): void {
    this.reject(reason);
    for (const listener of this.#onLeave ?? []) listener();
  }

  #settle(): void {
    this.#settled = true;
    this.#forget?.();
  }

  #wakeAtEnd(requests: Requests): void {
    const left = this.end - performance.now();
    if (left > 0) {
      this.#timer = startTimer(() => this.#wakeAtEnd(requests), left);
      return;
    }
    // What still waits for the budget is refused at the gate, which knows when that opens.
    requests.gate.open();
    this.#leave(requests.gate.lateError());
  }
}
