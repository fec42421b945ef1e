/** How many are remembered, and how many bytes their names may take; then the oldest are forgotten. */
const MOST = 100_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** What a name takes beside two bytes a character: its place in the set. */
const OVERHEAD_BYTES = 64;

/** The sessions that this process destroyed. No id is ever given out again, so they need not be forgotten with time. */
export class Tombstones {
  readonly #names: Set<string> = new Set();
  #bytes = 0;

  add(name: string): void {
    this.#forget(name);
    this.#names.add(name);
    this.#bytes += bytesOf(name);
    for (const oldest of this.#names) {
      if (this.#names.size <= MOST && this.#bytes <= MOST_BYTES) return;
      this.#forget(oldest);
    }
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  #forget(name: string): void {
    if (this.#names.delete(name)) this.#bytes -= bytesOf(name);
  }
}

function bytesOf(name: string): number {
  return OVERHEAD_BYTES + 2 * name.length;
}
