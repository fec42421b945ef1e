import type { KVNamespace } from "@kvplug/core";
import { LOOK_AND_DELETE, looksAndDeletes, type Milliseconds, type Presence } from "@kvplug/core/seam";

interface RemovalTerms {
  readonly presence: Presence;
  /** Whether what is there still counts, by its metadata. */
  readonly isGood: (metadata: unknown) => boolean;
  /** How long a look takes. */
  readonly deadline: Milliseconds;
  /** Told of a look that failed where the delete was done. */
  readonly onError: (error: unknown) => void;
}

/** Deletes that look first whether the key is there. From the call on reads see nothing of it, and what is written later stays. */
export class Removals {
  readonly #kv: KVNamespace<any>;
  readonly #terms: RemovalTerms;
  /** The last removal of each key that the namespace has not been told of yet. */
  readonly #looking: Map<string, Promise<unknown>> = new Map();

  constructor(kv: KVNamespace<any>, terms: RemovalTerms) {
    this.#kv = kv;
    this.#terms = terms;
  }

  /** Whether a key is being removed. */
  hides(name: string): boolean {
    return this.#looking.size > 0 && this.#looking.has(name);
  }

  /** Tells of a write to a key, which is later than the removals that still look: they have nothing to delete. */
  overtake(name: string): void {
    this.#looking.delete(name);
  }

  /** Deletes a key, and tells whether it was there; where the look for it fails, it is said that it was. */
  async remove(name: string): Promise<boolean> {
    const { looked, deleted } = this.#lookAndDelete(name);
    const [look, deletion] = await Promise.allSettled([looked, deleted]);
    if (deletion.status === "rejected") throw deletion.reason;
    if (look.status === "fulfilled") return look.value;
    this.#terms.onError(look.reason);
    return true;
  }

  /** Deletes a key when its value was read, unless there was none, and hands that out. */
  take<Value>(name: string, reading: Promise<Value | undefined>): Promise<Value | undefined> {
    return this.#after(name, async (isDue) => {
      const value = await reading;
      if (value !== undefined && isDue()) await this.#kv.delete(name);
      return value;
    });
  }

  #lookAndDelete(name: string): { looked: Promise<boolean>; deleted: Promise<void> } {
    if (looksAndDeletes(this.#kv)) {
      const { deadline, isGood } = this.#terms;
      const look = deadline === Number.POSITIVE_INFINITY ? {} : { deadline };
      const { looked, deleted } = this.#kv[LOOK_AND_DELETE](name, look);
      return { looked: looked.then((found) => found !== null && isGood(found.metadata)), deleted };
    }
    const earlier = this.#looking.get(name);
    if (earlier !== undefined) return { looked: Promise.resolve(false), deleted: this.#over(earlier) };
    const looked = this.#terms.presence.has(name);
    const deleted = this.#after(name, async (isDue) => {
      await looked.catch(() => {});
      // Also where it is not seen: KV's reads may be a minute old.
      if (isDue()) await this.#kv.delete(name);
    });
    return { looked, deleted };
  }

  async #over(work: Promise<unknown>): Promise<void> {
    await work;
  }

  /** Some work that ends with the delete of a key, which is hidden until then. @param run Told whether that is still due. */
  #after<Result>(name: string, run: (isDue: () => boolean) => Promise<Result>): Promise<Result> {
    const work: Promise<Result> = run(() => this.#looking.get(name) === work);
    this.#looking.set(name, work);
    const over = (): void => {
      if (this.#looking.get(name) === work) this.#looking.delete(name);
    };
    work.then(over, over);
    return work;
  }
}
