import type { Milliseconds } from "../seam/kv-namespace.ts";

/**
 * How long the next write of a key waits after an attempt that got no answer: until then, the attempt may still take
 * effect, and would undo what comes after it.
 */
export const LATE_EFFECT: Milliseconds = 2000;

/**
 * Keys whose last write had an abandoned attempt, and until when that may still take effect; a later write is sent
 * after that. Forgets without a timer, in two generations.
 */
export class Cooldowns {
  readonly #length: Milliseconds;
  #recent: Map<string, Milliseconds> = new Map();
  #older: Map<string, Milliseconds> = new Map();
  #turned: Milliseconds = 0;

  /** @param length The longest time that one lasts. */
  constructor(length: Milliseconds) {
    this.#length = length;
  }

  add(key: string, until: Milliseconds, at: Milliseconds): void {
    this.#turn(at);
    this.#recent.set(key, until);
  }

  /** When a key may be written. */
  ends(key: string, at: Milliseconds): Milliseconds {
    this.#turn(at);
    return this.#recent.get(key) ?? this.#older.get(key) ?? 0;
  }

  /** The keys that may not be written yet, as far as they begin with a prefix. Some come twice. */
  *keys(prefix: string, at: Milliseconds): Generator<string> {
    for (const generation of [this.#older, this.#recent]) {
      for (const [key, until] of generation) if (until > at && key.startsWith(prefix)) yield key;
    }
  }

  #turn(at: Milliseconds): void {
    if (at - this.#turned < this.#length) return;
    this.#older = this.#recent;
    this.#recent = new Map();
    this.#turned = at;
  }
}
