import { endOfTick } from "../time/end-of-tick.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import { startTimer, type Timer } from "../time/timer.ts";

/** The moment in which calls that come together wait for each other: the rest of the present turn, or a window. */
export class BatchWindow {
  #window: Milliseconds;
  readonly #onEnd: () => void;
  #active = false;
  #timer: Timer | undefined;

  constructor(window: Milliseconds, onEnd: () => void) {
    this.#window = window;
    this.#onEnd = onEnd;
  }

  get active(): boolean {
    return this.#active;
  }

  /** Begins, unless it has begun. */
  begin(): void {
    if (this.#active) return;
    this.#active = true;
    if (this.#window > 0) this.#timer = startTimer(() => this.#end(), this.#window);
    else endOfTick(() => this.#end());
  }

  /** Ends a window that has begun, and opens no more. */
  hurry(): void {
    this.#window = 0;
    this.#end();
  }

  #end(): void {
    if (!this.#active) return;
    this.#active = false;
    clearTimeout(this.#timer);
    this.#onEnd();
  }
}
