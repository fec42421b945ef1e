import type { Milliseconds } from "@kvplug/core/seam";
import { now } from "./clock.ts";

/** Something that was begun for a key, and is not done: a read of the backend, the making of a value, a write. */
export interface Work {
  readonly key: string;
  /** On the clock of {@link now}. */
  readonly begunAt: Milliseconds;
  /**
   * Whether the key was written or forgotten since. Then what comes of it is older than what is known now, or may be:
   * it goes to those who wait for it, and is kept and stored nowhere.
   */
  overtaken: boolean;
}

const NONE: readonly never[] = [];

/**
 * The one notion of *overtaken*: what is under way, by key. Whatever writes a key, or forgets what is known of it,
 * overtakes all that began before. Nobody joins what was overtaken.
 */
export class UnderWay<Kind extends Work> {
  /** Nearly always there is just one. */
  readonly #byKey: Map<string, Kind | Set<Kind>> = new Map();
  /** In the order in which they began. */
  readonly #all: Set<Kind> = new Set();
  readonly #maxAge: Milliseconds;
  readonly #onGivenUp: ((work: Kind) => void) | undefined;

  /** @param maxAge What has been under way for longer is given up, as if it were overtaken: it may never end. */
  constructor(maxAge: Milliseconds, onGivenUp?: (work: Kind) => void) {
    this.#maxAge = maxAge;
    this.#onGivenUp = onGivenUp;
  }

  get none(): boolean {
    return this.#all.size === 0;
  }

  begin(work: Kind): void {
    this.#giveUp();
    this.#all.add(work);
    const ofKey = this.#byKey.get(work.key);
    if (ofKey === undefined) this.#byKey.set(work.key, work);
    else if (ofKey instanceof Set) ofKey.add(work);
    else this.#byKey.set(work.key, new Set([ofKey, work]));
  }

  /** It is done. @returns Whether what came of it may be kept. */
  end(work: Kind): boolean {
    if (!this.#all.delete(work)) return false;
    const ofKey = this.#byKey.get(work.key)!;
    if (ofKey instanceof Set) ofKey.delete(work);
    if (ofKey === work || (ofKey instanceof Set && ofKey.size === 0)) this.#byKey.delete(work.key);
    return !work.overtaken && !this.#isTooOld(work);
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** What is under way for a key and was not overtaken, in the order in which it began. */
  of(key: string): Iterable<Kind> {
    this.#giveUp();
    const ofKey = this.#byKey.get(key);
    if (ofKey === undefined) return NONE;
    return ofKey instanceof Set ? ofKey : [ofKey];
  }

  overtake(key: string): void {
    for (const work of this.of(key)) this.#overtake(work);
  }

  overtakePrefix(prefix: string): void {
    for (const key of this.keys(prefix)) this.overtake(key);
  }

  /** Overtakes all work that matches. */
  overtakeWhere(isOvertaken: (work: Kind) => boolean): void {
    for (const work of this.#all) if (isOvertaken(work)) this.#overtake(work);
  }

  /** The keys that begin with a prefix, and for which something is under way. */
  keys(prefix: string): string[] {
    return Array.from(this.#byKey.keys()).filter((key) => key.startsWith(prefix));
  }

  /** Overtakes what began for the same key before this did. */
  overtakeOlder(than: Kind): void {
    for (const work of this.of(than.key)) {
      if (work === than) return;
      this.#overtake(work);
    }
  }

  #overtake(work: Kind): void {
    work.overtaken = true;
    this.end(work);
  }

  #giveUp(): void {
    for (const work of this.#all) {
      if (!this.#isTooOld(work)) return;
      this.#overtake(work);
      this.#onGivenUp?.(work);
    }
  }

  #isTooOld({ begunAt }: Kind): boolean {
    return now() - begunAt > this.#maxAge;
  }
}
