import type { Slot, Write } from "./write.ts";

/** The slots of all keys with unconfirmed writes. */
export class Slots {
  readonly #slots: Map<string, Slot> = new Map();

  get none(): boolean {
    return this.#slots.size === 0;
  }

  get(key: string): Slot | undefined {
    return this.#slots.get(key);
  }

  /** Returns the slot of a key, and creates it if it is missing. */
  open(key: string): Slot {
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = { key, current: undefined, next: undefined, notBefore: 0, looks: 0 };
      this.#slots.set(key, slot);
    }
    return slot;
  }

  /** Removes a slot that is empty. */
  close({ key }: Slot): void {
    this.#slots.delete(key);
  }

  /** The last write of a key that is not confirmed. */
  last(key: string): Write | undefined {
    const slot = this.#slots.get(key);
    return slot?.next ?? slot?.current;
  }

  /** The last write of each key that is being written, as far as they begin with a prefix. */
  *lastOfEach(prefix: string): Generator<Write> {
    for (const { key, next, current } of this.#slots.values()) {
      if (key.startsWith(prefix)) yield (next ?? current)!;
    }
  }
}
