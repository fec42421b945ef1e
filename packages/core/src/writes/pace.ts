import type { Milliseconds } from "../seam/kv-namespace.ts";

/**
 * The pace of writes to each key: `writeBurst` of them (two) in quick succession, then one in each `writeInterval` (a
 * second), since KV accepts one write per key and second. Remembers a key for as long as that matters, in two
 * generations, without a timer. {@link KeyTurns} asks it.
 */
export class Pace {
  readonly #limits: { readonly writeInterval: Milliseconds };
  readonly #burst: number;
  /** When a key's writes would be over at one per interval, by key. */
  #recent: Map<string, Milliseconds> = new Map();
  #older: Map<string, Milliseconds> = new Map();
  #turned: Milliseconds = 0;

  /** @param limits Holds the interval, which a gateway's answer may change. */
  constructor(limits: { readonly writeInterval: Milliseconds }, burst: number) {
    this.#limits = limits;
    this.#burst = burst;
  }

  /** When a key may be written. */
  opens(key: string, now: Milliseconds): Milliseconds {
    return this.#evenAt(key, now) - (this.#burst - 1) * this.#interval;
  }

  /** When a key may be written after the API refused it as too fast: no quick one is left then. */
  opensAfterRefusal(key: string, now: Milliseconds): Milliseconds {
    return this.#evenAt(key, now);
  }

  /** A key is written. Returns from when on that matters no more. */
  spend(key: string, now: Milliseconds): Milliseconds {
    if (this.#interval === 0) return now;
    this.#turn(now);
    const even = Math.max(now, this.#evenAt(key, now)) + this.#interval;
    this.#recent.set(key, even);
    return even;
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
