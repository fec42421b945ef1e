import type { KVEntry, Milliseconds } from "@kvplug/core/seam";
import type { Random } from "./random.ts";

interface StaleEntry {
  entry: KVEntry<ArrayBuffer>;
  /** Until when it may still be read. */
  until: Milliseconds;
}

const MISSING: KVEntry<ArrayBuffer> = { value: null, metadata: null, cacheStatus: null };

/** What was there before recent writes. */
export class StaleEntries {
  readonly #entries = new Map<string, StaleEntry[]>();
  readonly #propagation: Milliseconds;
  readonly #random: Random;
  readonly #now: () => Milliseconds;

  constructor(propagation: Milliseconds, random: Random, now: () => Milliseconds) {
    this.#propagation = propagation;
    this.#random = random;
    this.#now = now;
  }

  /** Remembers what a write of now has replaced. */
  add(key: string, entry: KVEntry<ArrayBuffer>): void {
    const entries = this.#fresh(key);
    // The key moves to the end: what is in front has waited longest.
    this.#entries.delete(key);
    this.#entries.set(key, [...entries, { entry, until: this.#now() + this.#propagation }]);
    this.#clean();
  }

  /** What a read of now sees: one of the old entries, or `undefined` for what is there. */
  pick(key: string): KVEntry<ArrayBuffer> | undefined {
    const entries = this.#fresh(key);
    if (entries.length === 0) return undefined;
    const picked = entries[Math.floor(this.#random() * (entries.length + 1))]?.entry;
    if (picked?.expiration !== undefined && picked.expiration * 1000 <= this.#now()) return MISSING;
    return picked;
  }

  /** The keys that may be read as they were. */
  keys(): string[] {
    return [...this.#entries.keys()];
  }

  #fresh(key: string): StaleEntry[] {
    return (this.#entries.get(key) ?? []).filter(({ until }) => until > this.#now());
  }

  #clean(): void {
    for (const [key, entries] of this.#entries) {
      if (entries.some(({ until }) => until > this.#now())) return;
      this.#entries.delete(key);
    }
  }
}
