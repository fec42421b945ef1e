import type { Write } from "./write.ts";

/**
 * What was put since a `clear()` began, which takes a while: those keys must be kept, and earlier ones count as
 * deleted. Keeps nothing while no `clear()` runs.
 */
export class Overtakings {
  readonly #running: Set<Overtaking> = new Set();
  #count = 0;

  /** How many writes were called so far. */
  get count(): number {
    return this.#count;
  }

  /** @param prefix What all keys begin with that the work deletes. */
  begin(prefix: string): Overtaking {
    const overtaking = new Overtaking(prefix, this.#count, () => this.#running.delete(overtaking));
    this.#running.add(overtaking);
    return overtaking;
  }

  /** A write is called. */
  number(write: Write): void {
    write.order = ++this.#count;
  }

  /** Whether running work deletes what there is of a key, given the last write of it that is not confirmed. */
  deletes(key: string, write: Write | undefined): boolean {
    for (const overtaking of this.#running) if (overtaking.deletes(key, write)) return true;
    return false;
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
  readonly #prefix: string;
  readonly #since: number;
  readonly #keys: Set<string> = new Set();

  constructor(prefix: string, since: number, end: () => void) {
    this.#prefix = prefix;
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

  deletes(key: string, write: Write | undefined): boolean {
    return key.startsWith(this.#prefix) && !this.has(key) && !(write && this.isLater(write));
  }

  confirm(write: Write): void {
    if (write.put && this.isLater(write)) this.#keys.add(write.key);
  }
}
