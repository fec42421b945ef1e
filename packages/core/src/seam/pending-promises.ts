/** What is under way, for those who wait until it is done. */
export class PendingPromises {
  readonly #calls = new Set<Promise<unknown>>();

  add<Result>(call: Promise<Result>): Promise<Result> {
    this.#calls.add(call);
    const settle = (): void => void this.#calls.delete(call);
    call.then(settle, settle);
    return call;
  }

  /** Resolves when all that is under way now is done, or has failed. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#calls);
  }
}
