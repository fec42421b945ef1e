/** Lets what concerns one name happen in the order of the calls, however long each takes to be made ready. */
export class Turns {
  readonly #last: Map<string, Promise<unknown>> = new Map();

  /** Runs when all that was called before for this name is done. */
  take<Result>(name: string, run: () => Promise<Result>): Promise<Result> {
    const turn = this.over(name).then(run);
    const forget = (): void => {
      if (this.#last.get(name) === over) this.#last.delete(name);
    };
    // The next turn comes whatever becomes of this one.
    const over = turn.then(forget, forget);
    this.#last.set(name, over);
    return turn;
  }

  /** Resolves when all that was called so far for this name is done. */
  async over(name: string): Promise<void> {
    await this.#last.get(name);
  }

  /** The names of which something is left to do. */
  names(): string[] {
    return Array.from(this.#last.keys());
  }

  /** Resolves when nothing is left to do. */
  async allOver(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values());
  }
}
