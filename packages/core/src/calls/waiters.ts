import type { Milliseconds } from "../seam/kv-namespace.ts";

/** Someone who waits for work that may be shared, and is answered once. */
export interface Waiter {
  /** When it stops waiting, on the clock of `now()`. */
  readonly end: Milliseconds;
  /** The deadline as it was given, for errors. */
  readonly deadline: Milliseconds;
}

/** Who waits for work for which nobody has waited yet. */
export const NO_WAITER: Waiter = { end: 0, deadline: 0 };

/** Returns which of the two waits longer. */
export function longer(one: Waiter, other: Waiter): Waiter {
  return other.end > one.end ? other : one;
}

/**
 * Those who wait for a piece of work. When the last one leaves, the work is notified and drops itself. Joining and
 * leaving take constant time, however many wait.
 */
export abstract class Waiters<Each extends Waiter> implements Waiter {
  // Figures, and not that waiter: what was asked for must not hold those who have their answer.
  /** The end of the longest wait of all so far. */
  end: Milliseconds = NO_WAITER.end;
  /** The deadline of that wait. */
  deadline: Milliseconds = NO_WAITER.deadline;
  // There is nearly always just one.
  #first: Each | undefined;
  #others: Set<Each> | undefined;

  /** Called when the last one leaves. */
  protected abstract onEmpty(): void;

  get isEmpty(): boolean {
    return this.size === 0;
  }

  join(waiter: Each): void {
    if (waiter.end > this.end) {
      this.end = waiter.end;
      this.deadline = waiter.deadline;
    }
    if (this.#first === undefined) this.#first = waiter;
    else (this.#others ??= new Set()).add(waiter);
  }

  /** One stops waiting; does nothing if it does not wait here. */
  leave(waiter: Each): void {
    if (this.#first === waiter) this.#first = undefined;
    else if (!this.#others?.delete(waiter)) return;
    if (this.isEmpty) this.onEmpty();
  }

  get size(): number {
    return (this.#first === undefined ? 0 : 1) + (this.#others?.size ?? 0);
  }

  every(test: (waiter: Each) => boolean): boolean {
    if (this.#first !== undefined && !test(this.#first)) return false;
    for (const other of this.#others ?? []) if (!test(other)) return false;
    return true;
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
