import type { Milliseconds } from "../seam/kv-namespace.ts";
import { TransportTimeout } from "./transport.ts";

/** The error of an attempt in which nothing moved for its timeout. */
export function silentFor(timeout: Milliseconds, options?: ErrorOptions): TransportTimeout {
  return new TransportTimeout(`Nothing moved for ${timeout} ms, the client's timeout.`, options);
}

/** Tells when nothing has moved for too long, while it listens. */
export class Silence {
  readonly #limit: Milliseconds;
  readonly #onSilent: (error: TransportTimeout) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(limit: Milliseconds, onSilent: (error: TransportTimeout) => void) {
    this.#limit = limit;
    this.#onSilent = onSilent;
  }

  /** A wait begins, or starts over. */
  listen(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onSilent(silentFor(this.#limit)), this.#limit);
  }

  /** Something moved: a wait that has begun starts over. */
  break(): void {
    if (this.#timer !== undefined) this.listen();
  }

  /** No caller waits any more. */
  over(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
