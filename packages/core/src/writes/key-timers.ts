import { now } from "../time/clock.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import { startTimer, type Timer } from "../time/timer.ts";

/** How late a timer may fire, so that keys whose turns are close share a request. */
const GRAIN: Milliseconds = 20;

/** The keys whose turn has not come, and one timer for all of them. */
export class KeyTimers<Item> {
  readonly #waiting: Set<Item> = new Set();
  readonly #onTurn: (waiting: Item[]) => void;
  #timer: Timer | undefined;
  #wakesAt: Milliseconds = Number.POSITIVE_INFINITY;

  /** @param onTurn Called with all that wait once the turn of one has come; add those again whose turn has not. */
  constructor(onTurn: (waiting: Item[]) => void) {
    this.#onTurn = onTurn;
  }

  /** Waits until a time, on the clock of `now()`. */
  add(item: Item, until: Milliseconds): void {
    this.#waiting.add(item);
    if (until >= this.#wakesAt) return;
    clearTimeout(this.#timer);
    this.#wakesAt = until;
    this.#timer = startTimer(() => this.#wake(), Math.max(0, until - now()) + GRAIN);
  }

  remove(item: Item): void {
    if (!this.#waiting.delete(item) || this.#waiting.size > 0) return;
    clearTimeout(this.#timer);
    this.#wakesAt = Number.POSITIVE_INFINITY;
  }

  #wake(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.#onTurn(waiting);
  }
}
