/** Counts (or weighs) what is not settled yet, and lets others wait until it is little enough. */
export class PendingCount {
  #count = 0;
  #waiting: { limit: number; resolve: () => void }[] = [];
  /** The highest limit of those that wait: until then, nobody's time has come. */
  #highest: number = Number.NEGATIVE_INFINITY;

  add(count = 1): void {
    this.#count += count;
  }

  remove(count = 1): void {
    this.#count -= count;
    if (this.#count > this.#highest) return;
    const ready = this.#waiting.filter(({ limit }) => this.#count <= limit);
    this.#waiting = this.#waiting.filter(({ limit }) => this.#count > limit);
    this.#highest = this.#waiting.reduce((most, { limit }) => Math.max(most, limit), Number.NEGATIVE_INFINITY);
    for (const { resolve } of ready) resolve();
  }

  /** Counts some work until it is settled. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    this.add();
    try {
      return await work;
    } finally {
      this.remove();
    }
  }

  /** Resolves when no more than `limit` is left. */
  async atMost(limit: number): Promise<void> {
    if (this.#count <= limit) return;
    this.#highest = Math.max(this.#highest, limit);
    await new Promise<void>((resolve) => this.#waiting.push({ limit, resolve }));
  }
}
