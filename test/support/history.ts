/** A value, or `null` for a delete. */
export type State = string | null;

interface Key {
  /** What its writes leave there, in the order of the calls; the first is how it began. */
  states: State[];
  /** The last write that was acknowledged. */
  acknowledged: number;
  /** The writes that have not settled, and of which it will be known when they do. */
  open: Set<number>;
}

/**
 * What was written to each key, in the order of the calls, and what of it was acknowledged: from that
 * it follows what may be found there. Values are never used twice, so that each tells its write.
 */
export class History {
  readonly #keys = new Map<string, Key>();

  /**
   * Notes a write as it is called; returns its number.
   *
   * @param seen Whether the call fails as soon as this write does. One of many keys may fail before
   *   its call does, which waits for the others.
   */
  called(key: string, state: State, seen: boolean): number {
    const { states, open } = this.#of(key);
    const write = states.push(state) - 1;
    if (seen) open.add(write);
    return write;
  }

  /** What was called before it cannot be found any more. */
  acknowledged(key: string, write: number): void {
    const known = this.#of(key);
    known.open.delete(write);
    known.acknowledged = Math.max(known.acknowledged, write);
  }

  /** It may have been done, or not. */
  rejected(key: string, write: number): void {
    this.#of(key).open.delete(write);
  }

  /** The first write that the store may hold: the last acknowledged one. */
  first(key: string): number {
    return this.#of(key).acknowledged;
  }

  /** The first write that a read may find which is issued now: the last one called, as long as it has not settled. */
  firstToRead(key: string): number {
    const { states, open } = this.#of(key);
    return open.has(states.length - 1) ? states.length - 1 : this.first(key);
  }

  /** Whether a state is that of this write, or of a later one. */
  isFrom(key: string, write: number, state: State): boolean {
    return this.#of(key).states.includes(state, write);
  }

  /** All that was written. */
  keys(): string[] {
    return [...this.#keys.keys()];
  }

  #of(key: string): Key {
    let known = this.#keys.get(key);
    if (known === undefined) this.#keys.set(key, (known = { states: [null], acknowledged: 0, open: new Set() }));
    return known;
  }
}
