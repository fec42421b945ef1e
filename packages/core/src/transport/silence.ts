import type { Milliseconds } from "../seam/kv-namespace.ts";
import { TransportTimeout } from "./transport.ts";

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
    this.#timer = setTimeout(
      () => this.#onSilent(new TransportTimeout(`Nothing moved for ${this.#limit} ms.`)),
      this.#limit,
    );
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
