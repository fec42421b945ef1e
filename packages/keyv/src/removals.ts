import type { KVNamespace } from "@kvplug/core";
import { LOOK_AND_DELETE, looksAndDeletes, type Milliseconds, type Presence } from "@kvplug/core/seam";

interface RemovalTerms {
  readonly presence: Presence;
  /** Whether what is there still counts, by its metadata. */
  readonly isGood: (metadata: unknown) => boolean;
  /** How long a look takes. */
  readonly deadline: Milliseconds;
  /** Called with the error of a failed lookup whose delete succeeded. */
  readonly onError: (error: unknown) => void;
}

/** The removals of a key that have not reached the namespace yet, all together. */
interface Removal {
  underWay: number;
  /** The one that deletes, which others join. */
  deleting: Promise<void> | undefined;
  /** The writes of the key since: what they wrote stays, unless all of them fail. */
  later: Promise<unknown> | undefined;
}

/** Deletes that look first whether the key is there. From the call on reads see nothing of it, and what is written later stays. */
export class Removals {
  readonly #kv: KVNamespace<any>;
  readonly #terms: RemovalTerms;
  readonly #underWay: Map<string, Removal> = new Map();

  constructor(kv: KVNamespace<any>, terms: RemovalTerms) {
    this.#kv = kv;
    this.#terms = terms;
  }

  /** Whether a key is being removed, and was not written since. */
  hides(name: string): boolean {
    if (this.#underWay.size === 0) return false;
    const removal = this.#underWay.get(name);
    return removal !== undefined && removal.later === undefined;
  }

  /** Tells of a write to a key: unless it fails, the removals that still look have nothing to delete. */
  overtake(name: string, writing: Promise<unknown>): void {
    const removal = this.#underWay.get(name);
    if (removal === undefined) return;
    removal.later = removal.later === undefined ? writing : Promise.any([removal.later, writing]);
    removal.later.catch(() => {});
    removal.deleting = undefined;
  }

  /** Deletes a key, and resolves with whether it existed; `true` if the lookup failed. */
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
    // What is being removed is somebody else's, or nobody's, and the one who removes it deletes it.
    if (this.hides(name)) return reading;
    return this.#hiding(name, async (removal) => {
      const value = await reading;
      if (value !== undefined) await this.#deleteUnlessWritten(name, removal);
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
    const earlier = this.#underWay.get(name);
    if (earlier?.deleting !== undefined) return { looked: Promise.resolve(false), deleted: earlier.deleting };
    // Of what is being taken nothing is there any more; but the one who takes it may find nothing, and then deletes nothing.
    const looked = this.hides(name) ? Promise.resolve(false) : this.#terms.presence.has(name);
    const deleted = this.#hiding(name, async (removal) => {
      await looked.catch(() => {});
      // Also where it is not seen: KV's reads may be a minute old.
      await this.#deleteUnlessWritten(name, removal);
    });
    this.#underWay.get(name)!.deleting = deleted;
    return { looked, deleted };
  }

  async #deleteUnlessWritten(name: string, removal: Removal): Promise<void> {
    while (removal.later !== undefined) {
      const { later } = removal;
      const isWritten = await later.then(
        () => true,
        () => false,
      );
      if (isWritten) return;
      if (removal.later === later) removal.later = undefined;
    }
    await this.#kv.delete(name);
  }

  /** Some work that ends with the delete of a key, which is hidden until then. */
  #hiding<Result>(name: string, run: (removal: Removal) => Promise<Result>): Promise<Result> {
    const removal = this.#underWay.get(name) ?? { underWay: 0, deleting: undefined, later: undefined };
    this.#underWay.set(name, removal);
    removal.underWay++;
    // Later than all that was written.
    removal.later = undefined;
    const work = run(removal);
    const over = (): void => {
      if (removal.deleting === (work as Promise<unknown>)) removal.deleting = undefined;
      if (--removal.underWay === 0) this.#underWay.delete(name);
    };
    work.then(over, over);
    return work;
  }
}
