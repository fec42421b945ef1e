/** How many are remembered, some 15 MB of names at most; then the oldest are forgotten. */
const MOST = 100_000;

/** The sessions that this process destroyed. No id is ever given out again, so they need not be forgotten with time. */
export class Destroyed {
  readonly #names: Set<string> = new Set();

  add(name: string): void {
    this.#names.delete(name);
    this.#names.add(name);
    if (this.#names.size > MOST) {
      for (const oldest of this.#names) {
        this.#names.delete(oldest);
        break;
      }
    }
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }
}
