import type { Milliseconds } from "../seam/kv-namespace.ts";

/**
 * How long the next write of a key waits after an attempt that got no answer: until then, the attempt may still take
 * effect, and would undo what comes after it.
 */
export const LATE_EFFECT: Milliseconds = 2000;

/** The cooldown of one key. */
export interface Cooldown {
  readonly until: Milliseconds;
  /** Whether the attempt is one to put, and not to delete. */
  readonly isPut: boolean;
  /** The write's place among all of the namespace. */
  readonly order: number;
}

/**
 * Keys whose last write had an abandoned attempt, and until when that may still take effect; a later write is sent
 * after that. Forgets without a timer, in two generations.
 */
export class Cooldowns {
  readonly #length: Milliseconds;
  #recent: Map<string, Cooldown> = new Map();
  #older: Map<string, Cooldown> = new Map();
  #turned: Milliseconds = 0;

  /** @param length The longest time that one lasts. */
  constructor(length: Milliseconds) {
    this.#length = length;
  }

  add(key: string, cooldown: Cooldown, at: Milliseconds): void {
    this.#turn(at);
    this.#recent.set(key, cooldown);
  }

  /** When a key may be written. */
  ends(key: string, at: Milliseconds): Milliseconds {
    this.#turn(at);
    return (this.#recent.get(key) ?? this.#older.get(key))?.until ?? 0;
  }

  /** The keys with a prefix that an abandoned put may still bring, of the first so many writes. */
  *puts(prefix: string, count: number, at: Milliseconds): Generator<string> {
    for (const generation of [this.#older, this.#recent]) {
      for (const [key, { until, isPut, order }] of generation) {
        const isLast = generation === this.#recent || !this.#recent.has(key);
        if (isLast && isPut && order <= count && until > at && key.startsWith(prefix)) yield key;
      }
    }
  }

  #turn(at: Milliseconds): void {
    if (at - this.#turned < this.#length) return;
    this.#older = this.#recent;
    this.#recent = new Map();
    this.#turned = at;
  }
}
