import type { Checkpoint } from "./checkpoint.ts";
import type { Page } from "./page.ts";

/** How far writing has come. */
export interface Written<Mark> {
  /** All that is before it is confirmed. */
  readonly mark: Mark;
  readonly keys: number;
  /** The bytes of the values of those keys. */
  readonly bytes: number;
  /** How many records up to there were left out, or refused. */
  readonly leftOut: number;
  /** Pages that are confirmed although one before them is not, and how many of their keys were refused. */
  readonly beyond: readonly (readonly [id: string, refused: number])[];
}

/**
 * What is confirmed, in memory and in the checkpoint. Pages may be confirmed in any order, and a confirmed one is never
 * written again, even if the process was killed before earlier ones were done.
 */
export class ConfirmedPages<Mark> {
  #state: Written<Mark>;
  readonly #checkpoint: Checkpoint<Written<Mark>> | undefined;
  /** How many keys were refused, by the id of the page. */
  readonly #confirmed: Map<string, number>;
  /** Begun, in order, and not all confirmed. */
  readonly #begun: Page<unknown, Mark>[] = [];
  #saving: Promise<void> = Promise.resolve();
  #isDirty = false;

  constructor(state: Written<Mark>, checkpoint: Checkpoint<Written<Mark>> | undefined) {
    this.#state = state;
    this.#checkpoint = checkpoint;
    this.#confirmed = new Map(state.beyond);
  }

  get state(): Written<Mark> {
    return this.#state;
  }

  /** How many records are left out, or refused, so far. */
  get leftOut(): number {
    let sum = this.#state.leftOut;
    for (const refused of this.#confirmed.values()) sum += refused;
    return sum;
  }

  /** How many keys were passed on for writing, but are not confirmed. */
  get unconfirmed(): number {
    let sum = 0;
    for (const { id, items } of this.#begun) if (!this.#confirmed.has(id)) sum += items.length;
    return sum;
  }

  /** Takes note of a page, in order; `false` where an earlier run wrote it. */
  begin(page: Page<unknown, Mark>): boolean {
    this.#begun.push(page);
    if (!this.#confirmed.has(page.id)) return true;
    this.#advance();
    return false;
  }

  /** A page is written, but for keys that were refused for good. Resolves when the checkpoint says so. */
  async confirm(page: Page<unknown, Mark>, refused: number): Promise<void> {
    this.#confirmed.set(page.id, refused);
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
    let { mark, keys, bytes, leftOut } = this.#state;
    for (let page = this.#begun[0]; page !== undefined; page = this.#begun[0]) {
      const refused = this.#confirmed.get(page.id);
      if (refused === undefined) break;
      this.#confirmed.delete(page.id);
      this.#begun.shift();
      mark = page.next;
      keys += page.items.length - refused;
      bytes += page.bytes;
      leftOut += (page.leftOut ?? 0) + refused;
    }
    this.#state = { mark, keys, bytes, leftOut, beyond: [...this.#confirmed] };
  }
}
