import type { Write } from "./write.ts";

/**
 * What was put since some work began that takes a while, such as a `clear()`: the work must leave that alone. Nothing
 * is kept while there is no such work.
 */
export class Overtakings {
  readonly #running: Set<Overtaking> = new Set();
  #count = 0;

  begin(): Overtaking {
    const overtaking = new Overtaking(this.#count, () => this.#running.delete(overtaking));
    this.#running.add(overtaking);
    return overtaking;
  }

  /** A write is called. */
  number(write: Write): void {
    write.order = ++this.#count;
  }

  /** A write is confirmed. */
  confirm(write: Write): void {
    for (const overtaking of this.#running) overtaking.confirm(write);
  }
}

/** What was put since one piece of work began. */
export class Overtaking {
  /** The work is done. */
  readonly end: () => void;
  readonly #since: number;
  readonly #keys: Set<string> = new Set();

  constructor(since: number, end: () => void) {
    this.#since = since;
    this.end = end;
  }

  /** Whether a value that was put since is confirmed. */
  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Whether a write was called since. */
  isLater({ order }: Write): boolean {
    return order > this.#since;
  }

  confirm(write: Write): void {
    if (write.put && this.isLater(write)) this.#keys.add(write.key);
  }
}
