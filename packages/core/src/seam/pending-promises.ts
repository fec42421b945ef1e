/** Promises that have not settled, for those who wait until they have. */
export class PendingPromises {
  readonly #calls = new Set<Promise<unknown>>();

  add<Result>(call: Promise<Result>): Promise<Result> {
    this.#calls.add(call);
    const settle = (): void => void this.#calls.delete(call);
    call.then(settle, settle);
    return call;
  }

  /** Resolves when all that are pending now have settled. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#calls);
  }
}
