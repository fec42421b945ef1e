import type { Content } from "./content.ts";

/** A write that the backend has not confirmed. */
export interface PendingWrite {
  readonly key: string;
  /** What it leaves; `undefined` where only the backend will know: of a stream. */
  readonly content: Content | undefined;
  readonly number: number;
}

/** The writes of one key that are under way. */
interface PendingKey {
  readonly writes: Set<PendingWrite>;
  /** The last one, unless a later one was confirmed before it. */
  last: PendingWrite | undefined;
  /** The number of the latest one that was confirmed. */
  confirmed: number;
}

/** The writes that are under way, by key: a read is answered by the last one of its key. */
export class PendingWrites {
  readonly #keys: Map<string, PendingKey> = new Map();
  #count = 0;
  readonly #waiting: (() => void)[] = [];

  get none(): boolean {
    return this.#keys.size === 0;
  }

  /** The last write of a key, as long as it is under way. */
  last(key: string): PendingWrite | undefined {
    return this.#keys.get(key)?.last;
  }

  begin(key: string, content: Content | undefined): PendingWrite {
    const write: PendingWrite = { key, content, number: ++this.#count };
    const pending = this.#keys.get(key);
    if (pending === undefined) this.#keys.set(key, { writes: new Set([write]), last: write, confirmed: 0 });
    else {
      pending.writes.add(write);
      pending.last = write;
    }
    return write;
  }

  /** The backend confirmed a write. `false` where it has confirmed a later one of the key before. */
  confirm(write: PendingWrite): boolean {
    const pending = this.#keys.get(write.key)!;
    const isLatest = write.number > pending.confirmed;
    pending.confirmed = Math.max(pending.confirmed, write.number);
    this.#end(pending, write);
    return isLatest;
  }

  /** A write failed. */
  fail(write: PendingWrite): void {
    this.#end(this.#keys.get(write.key)!, write);
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    if (!this.none) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #end(pending: PendingKey, write: PendingWrite): void {
    const { writes, confirmed } = pending;
    writes.delete(write);
    pending.last = [...writes].findLast(({ number }) => number > confirmed);
    if (writes.size === 0) this.#keys.delete(write.key);
    if (this.none) for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
