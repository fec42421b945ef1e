import { endOfTick } from "./end-of-tick.ts";
import type { Milliseconds } from "./kv-namespace.ts";

/** The moment in which calls that come together wait for each other: the rest of the present turn, or a window. */
export class Gathering {
  readonly #window: Milliseconds;
  readonly #onEnd: () => void;
  #active = false;

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
    const end = (): void => {
      this.#active = false;
      this.#onEnd();
    };
    if (this.#window > 0) setTimeout(end, this.#window);
    else endOfTick(end);
  }
}
