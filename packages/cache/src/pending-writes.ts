import type { Milliseconds } from "@kvplug/core/seam";
import { now } from "./clock.ts";
import type { Content } from "./content.ts";
import { UnderWay, type Work } from "./under-way.ts";

/** A write that the backend has not confirmed. Once it is overtaken, its result is unknown. */
export interface PendingWrite extends Work {
  /** What it leaves; `undefined` where only the backend will know: of a stream. */
  readonly content: Content | undefined;
  /** Whether it is a value that `wrap` made: derived from what was known when that began. */
  readonly isDerived: boolean;
  readonly number: number;
}

/**
 * For how long a write is believed that does not settle. After that the backend is asked what is there: in a Worker, a
 * write never settles whose request has ended.
 */
const MAX_AGE: Milliseconds = 60_000;

/** The writes that are under way, by key: a read is answered by the last one of its key. */
export class PendingWrites {
  readonly #underWay: UnderWay<PendingWrite>;
  /** The numbers of the latest ones that were confirmed, by key, as long as others of the key are under way. */
  readonly #confirmed: Map<string, number> = new Map();
  #count = 0;

  /** @param onGivenUp Called with the key of a write that no longer counts as pending. */
  constructor(onGivenUp: (key: string) => void) {
    this.#underWay = new UnderWay(MAX_AGE, ({ key }) => onGivenUp(key));
  }

  get none(): boolean {
    return this.#underWay.none;
  }

  /**
   * The last write of a key, as long as it is under way, unless a later one was confirmed before it, or it is a value of
   * `wrap` and was forgotten.
   */
  last(key: string): PendingWrite | undefined {
    const confirmed = this.#confirmed.get(key) ?? 0;
    let last: PendingWrite | undefined;
    for (const write of this.#underWay.of(key)) {
      if (write.number > confirmed && !(write.isDerived && write.overtaken)) last = write;
    }
    return last;
  }

  /** The keys that begin with a prefix, and of which writes are under way. */
  keys(prefix: string): string[] {
    return this.#underWay.keys(prefix);
  }

  begin(key: string, content: Content | undefined, isDerived: boolean): PendingWrite {
    const write: PendingWrite = {
      key,
      content,
      isDerived,
      number: ++this.#count,
      begunAt: now(),
      overtaken: false,
    };
    // What a stream holds is not known here: nothing that it may have replaced tells what is there.
    if (content === undefined) this.forget(key);
    this.#underWay.begin(write);
    return write;
  }

  /** The backend confirmed a write. Returns `false` if it had already confirmed a later one of the key. */
  confirm(write: PendingWrite): boolean {
    const { key, number } = write;
    const isLatest = number > (this.#confirmed.get(key) ?? 0);
    if (isLatest) this.#confirmed.set(key, number);
    this.#end(write);
    return isLatest;
  }

  /** A write failed. */
  fail(write: PendingWrite): void {
    this.#end(write);
  }

  /** What is known of a key is forgotten: what the program wrote is read until it settles, and then the backend is asked. */
  forget(key: string): void {
    for (const write of this.#underWay.of(key)) write.overtaken = true;
  }

  forgetPrefix(prefix: string): void {
    for (const key of this.keys(prefix)) this.forget(key);
  }

  #end(write: PendingWrite): void {
    this.#underWay.end(write);
    if (!this.#underWay.has(write.key)) this.#confirmed.delete(write.key);
  }
}
