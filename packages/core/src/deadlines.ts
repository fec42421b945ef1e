import type { Milliseconds } from "./kv-namespace.ts";
import { startTimer, type Timer } from "./timer.ts";
import { TransportTimeout } from "./transport/transport.ts";

/** An attempt that is under way, such as an `AbortController`. */
interface Attempt {
  abort(reason: unknown): void;
}

/** Ends the attempts that outlast their call's deadline. One timer serves all of them, so that a short attempt costs none. */
export class Deadlines {
  readonly #ends: Map<Attempt, Milliseconds> = new Map();
  #timer: Timer | undefined;
  #wakesAt: Milliseconds = Number.POSITIVE_INFINITY;

  /** Aborts an attempt at `end`, on the clock of `performance.now()`, unless it is over by then. */
  begin(attempt: Attempt, end: Milliseconds): void {
    this.#ends.set(attempt, end);
    this.#wakeBy(end);
  }

  over(attempt: Attempt): void {
    this.#ends.delete(attempt);
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
    for (const [attempt, end] of this.#ends) {
      if (end <= now) attempt.abort(new TransportTimeout("The answer was not complete at the deadline."));
      else this.#wakeBy(end);
    }
  }
}
