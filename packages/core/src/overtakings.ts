import type { Write } from "./write.ts";

/** What was written since some work began. */
export interface Overtaking {
  /** Whether a value was put to a key since. */
  has(key: string): boolean;
  /** The work is done. */
  end(): void;
}

/**
 * Tells work that takes a while, such as a `clear()`, which keys were put after it began: it must leave them
 * alone. Nothing is kept while there is no such work.
 */
export class Overtakings {
  readonly #running: Set<Puts> = new Set();
  #count = 0;

  begin(): Overtaking {
    const puts = new Puts(this.#count);
    this.#running.add(puts);
    return { has: (key) => puts.has(key), end: () => void this.#running.delete(puts) };
  }

  /** A write is called. */
  add(write: Write): void {
    write.order = ++this.#count;
    if (write.put) for (const puts of this.#running) puts.add(write, 1);
  }

  /** It is withdrawn, and was never sent. */
  remove(write: Write): void {
    if (write.put) for (const puts of this.#running) puts.add(write, -1);
  }
}

/** How often each key was put since a write. */
class Puts {
  readonly #since: number;
  readonly #counts: Map<string, number> = new Map();

  constructor(since: number) {
    this.#since = since;
  }

  has(key: string): boolean {
    return (this.#counts.get(key) ?? 0) > 0;
  }

  add({ key, order }: Write, change: number): void {
    if (order > this.#since) this.#counts.set(key, (this.#counts.get(key) ?? 0) + change);
  }
}
