import type { Milliseconds } from "./kv-namespace.ts";
import { startTimer, type Timer } from "./timer.ts";
import { TransportTimeout } from "./transport/transport.ts";

/** An attempt that is under way. */
interface Attempt {
  readonly end: Milliseconds;
  readonly controller: AbortController;
}

/** Ends the attempts that outlast their call's deadline. One timer serves all of them, so that a short attempt costs none. */
export class Deadlines {
  readonly #attempts: Set<Attempt> = new Set();
  #timer: Timer | undefined;
  #wakesAt: Milliseconds = Number.POSITIVE_INFINITY;

  /** Runs with a signal that is aborted at the end. */
  async within<Result>(end: Milliseconds, run: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const attempt = { end, controller: new AbortController() };
    this.#attempts.add(attempt);
    this.#wakeBy(end);
    try {
      return await run(attempt.controller.signal);
    } finally {
      this.#attempts.delete(attempt);
    }
  }

  #wakeBy(end: Milliseconds): void {
    if (end >= this.#wakesAt) return;
    clearTimeout(this.#timer);
    this.#wakesAt = end;
    this.#timer = startTimer(() => this.#wake(), end - performance.now());
    // The connection keeps the process alive, as long as there is one.
    (this.#timer as { unref?(): void }).unref?.();
  }

  #wake(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    for (const { end, controller } of this.#attempts) {
      if (end <= now) controller.abort(new TransportTimeout("The answer was not complete at the deadline."));
      else this.#wakeBy(end);
    }
  }
}
