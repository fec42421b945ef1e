import type { KVNamespace } from "@kvplug/core";
import type { Presence } from "@kvplug/core/seam";

/** Deletes that look first whether the key is there, and leave alone what is written to it while they look. */
export class Removals {
  readonly #kv: KVNamespace<any>;
  readonly #presence: Presence;
  readonly #looking = new Map<string, Promise<boolean>>();

  constructor(kv: KVNamespace<any>, presence: Presence) {
    this.#kv = kv;
    this.#presence = presence;
  }

  /** Deletes a key, and tells whether it was there. */
  remove(name: string): Promise<boolean> {
    const same = this.#looking.get(name);
    if (same !== undefined) return same;
    const removal = this.#remove(name, () => this.#looking.get(name) === removal);
    this.#looking.set(name, removal);
    return removal;
  }

  /** Tells of a write to a key, which is later than the removals that still look: they have nothing to delete. */
  overtake(name: string): void {
    this.#looking.delete(name);
  }

  async #remove(name: string, isDue: () => boolean): Promise<boolean> {
    let due = false;
    let there: boolean;
    try {
      there = await this.#presence.has(name);
    } finally {
      due = isDue();
      if (due) this.#looking.delete(name);
    }
    // Also where it is not seen: KV's reads may be a minute old.
    if (due) await this.#kv.delete(name);
    return there;
  }
}
