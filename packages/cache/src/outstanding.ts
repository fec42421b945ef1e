/** Counts what is under way, for those who wait until none is. It holds none of it. */
export class Outstanding {
  #count = 0;
  readonly #waiting: (() => void)[] = [];

  /** Counts something, until {@link end}. */
  begin(): void {
    this.#count++;
  }

  end(): void {
    if (--this.#count === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Counts it until it settles. */
  add<Result>(work: Promise<Result>): Promise<Result> {
    this.begin();
    const end = (): void => this.end();
    work.then(end, end);
    return work;
  }

  /** Resolves when nothing is under way. */
  async none(): Promise<void> {
    // What ends may begin something else.
    while (this.#count > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
