import type { Milliseconds } from "../seam/kv-namespace.ts";

/**
 * The pace of writes to each key: a few in quick succession, then one an interval. It remembers a
 * key for as long as that matters, and forgets in two generations, without a timer.
 */
export class Pace {
  readonly #limits: { readonly writeInterval: Milliseconds };
  readonly #burst: number;
  /** When a key will have made up for its writes, by key. */
  #recent: Map<string, Milliseconds> = new Map();
  #older: Map<string, Milliseconds> = new Map();
  #turned: Milliseconds = 0;

  /** @param limits Where the interval stands, which may change. */
  constructor(limits: { readonly writeInterval: Milliseconds }, burst: number) {
    this.#limits = limits;
    this.#burst = burst;
  }

  /** When a key may be written. */
  opens(key: string, now: Milliseconds): Milliseconds {
    return this.#evenAt(key, now) - (this.#burst - 1) * this.#interval;
  }

  /** When a key may be written after the API refused it: with no credit for a quick one. */
  opensAfterRefusal(key: string, now: Milliseconds): Milliseconds {
    return this.#evenAt(key, now);
  }

  /** A key is written. */
  spend(key: string, now: Milliseconds): void {
    if (this.#interval === 0) return;
    this.#turn(now);
    this.#recent.set(key, Math.max(now, this.#evenAt(key, now)) + this.#interval);
  }

  get #interval(): Milliseconds {
    return this.#limits.writeInterval;
  }

  #evenAt(key: string, now: Milliseconds): Milliseconds {
    if (this.#interval === 0) return 0;
    this.#turn(now);
    return this.#recent.get(key) ?? this.#older.get(key) ?? 0;
  }

  #turn(now: Milliseconds): void {
    if (now - this.#turned < this.#interval * (this.#burst + 1)) return;
    this.#older = this.#recent;
    this.#recent = new Map();
    this.#turned = now;
  }
}
