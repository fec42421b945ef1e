/** So many times the parts of a refused request are halved at once: eight of them, from all over it. */
const WIDE = 3;

/** How many single keys, from all over a request, may be refused before that says nothing about keys any more. */
const MAX_SUSPECTS = 4;

/**
 * The search for the keys because of which the API refused a request. Its parts go out at once, so that no key waits
 * for strangers; where all eight are refused the fault may lie with the request and with no key, and the search goes on
 * with one part at a time, until one is accepted or a few keys by themselves are refused as well.
 */
export class Search {
  #isAccepted = false;
  #suspects = 0;
  #before: Promise<unknown> = Promise.resolve();
  readonly #accepted: PromiseWithResolvers<void> = Promise.withResolvers();

  /** A part was accepted: the fault lies with keys. */
  accept(): void {
    this.#isAccepted = true;
    this.#accepted.resolve();
  }

  /** A single key was refused. */
  suspect(): void {
    this.#suspects++;
  }

  /** Whether further parts are pointless. */
  get isFutile(): boolean {
    return !this.#isAccepted && this.#suspects >= MAX_SUSPECTS;
  }

  /** Tries the parts of what was refused, after `depth` halvings. */
  async each<Part>(parts: readonly Part[], depth: number, attempt: (part: Part) => Promise<void>): Promise<void> {
    if (this.#isAccepted || depth < WIDE) {
      await Promise.all(parts.map(attempt));
      return;
    }
    const before = this.#before;
    const inTurn = async (): Promise<void> => {
      if (depth === WIDE) await Promise.race([before, this.#accepted.promise]);
      for (const part of parts) await attempt(part);
    };
    const done = inTurn();
    if (depth === WIDE) this.#before = done;
    await done;
  }
}
