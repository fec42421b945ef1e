/** A `fetch` whose requests are held back until they are let go. */
export class HeldFetch {
  /** Resolves once they are let go. */
  #gate: PromiseWithResolvers<void> | undefined;
  /** How many wait to be let go. */
  waiting = 0;
  /** The path and the body of each that was sent, in their order. */
  readonly sent: string[] = [];

  /** Holds back what is sent from now on. */
  hold(): void {
    this.#gate ??= Promise.withResolvers();
  }

  /** Lets all go, and whatever is sent later. */
  letGo(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    this.sent.push(`${input as string} ${typeof init?.body === "string" ? init.body : ""}`);
    if (this.#gate) {
      this.waiting++;
      await this.#gate.promise;
      this.waiting--;
    }
    return fetch(input, init);
  };
}
