import type { Milliseconds } from "../seam/kv-namespace.ts";

/** Somebody who waits for work that may be shared, and is answered once. */
export interface Waiter {
  /** When it stops waiting, on the clock of `now()`. */
  readonly end: Milliseconds;
}

/**
 * Those who wait for a piece of work. It is wanted as long as there is one: when the last one leaves, the work is told
 * and drops itself. Whoever joins or leaves does so in constant time, however many there are.
 */
export abstract class Waiters<Each extends Waiter> {
  /** None who ever waited stops later: nothing is begun for them after this. */
  latestEnd: Milliseconds = 0;
  // There is nearly always just one.
  #first: Each | undefined;
  #others: Set<Each> | undefined;

  /** Nobody waits any more. */
  protected abstract onEmpty(): void;

  get isEmpty(): boolean {
    return this.size === 0;
  }

  join(waiter: Each): void {
    this.latestEnd = Math.max(this.latestEnd, waiter.end);
    if (this.#first === undefined) this.#first = waiter;
    else (this.#others ??= new Set()).add(waiter);
  }

  /** One stops waiting; nothing happens where it does not wait here. */
  leave(waiter: Each): void {
    if (this.#first === waiter) this.#first = undefined;
    else if (!this.#others?.delete(waiter)) return;
    if (this.isEmpty) this.onEmpty();
  }

  get size(): number {
    return (this.#first === undefined ? 0 : 1) + (this.#others?.size ?? 0);
  }

  /** Takes all of them away: they are to be answered. */
  take(): Each[] {
    const all = this.#first === undefined ? [] : [this.#first];
    // No spread: it costs a lone read a microsecond, and there may be a great many.
    if (this.#others !== undefined) for (const other of this.#others) all.push(other);
    this.#first = undefined;
    this.#others = undefined;
    return all;
  }
}
