import type { Checkpoint } from "./checkpoint.ts";
import type { Page } from "./page.ts";

/** How far writing has come. */
export interface Written<Mark> {
  /** All that is before it is confirmed. */
  readonly mark: Mark;
  readonly keys: number;
  /** The bytes of the values of those keys. */
  readonly bytes: number;
  /** Pages that are confirmed although one before them is not, by their ids. */
  readonly beyond: readonly string[];
}

/**
 * What is confirmed, in memory and in the checkpoint. Pages may be confirmed in any order, and one
 * that is, is never written again: not even where the process was killed before those in front of it
 * were done.
 */
export class Ledger<Mark> {
  #state: Written<Mark>;
  readonly #checkpoint: Checkpoint<Written<Mark>> | undefined;
  readonly #confirmed: Set<string>;
  /** Begun, in order, and not all confirmed. */
  readonly #begun: Page<unknown, Mark>[] = [];
  #saving: Promise<void> = Promise.resolve();
  #isDirty = false;

  constructor(state: Written<Mark>, checkpoint: Checkpoint<Written<Mark>> | undefined) {
    this.#state = state;
    this.#checkpoint = checkpoint;
    this.#confirmed = new Set(state.beyond);
  }

  get state(): Written<Mark> {
    return this.#state;
  }

  /** Takes note of a page, in order; `false` where an earlier run wrote it. */
  begin(page: Page<unknown, Mark>): boolean {
    this.#begun.push(page);
    if (!this.#confirmed.has(page.id)) return true;
    this.#advance();
    return false;
  }

  /** A page is written. Resolves when the checkpoint says so. */
  async confirm(page: Page<unknown, Mark>): Promise<void> {
    this.#confirmed.add(page.id);
    this.#advance();
    await this.save();
  }

  /** Writes the checkpoint; several calls at once share one writing. */
  async save(): Promise<void> {
    const checkpoint = this.#checkpoint;
    if (checkpoint === undefined) return;
    this.#isDirty = true;
    const before = this.#saving;
    this.#saving = (async () => {
      await before;
      if (!this.#isDirty) return;
      this.#isDirty = false;
      await checkpoint.write(this.#state);
    })();
    await this.#saving;
  }

  /** All of it is done. */
  async close(): Promise<void> {
    await this.#checkpoint?.remove();
  }

  #advance(): void {
    let { mark, keys, bytes } = this.#state;
    for (let page = this.#begun[0]; page && this.#confirmed.delete(page.id); page = this.#begun[0]) {
      this.#begun.shift();
      mark = page.next;
      keys += page.items.length;
      bytes += page.bytes;
    }
    this.#state = { mark, keys, bytes, beyond: [...this.#confirmed] };
  }
}
