import type { CallerTerms } from "../calls/caller.ts";
import { now } from "../time/clock.ts";
import type { Deadline } from "../calls/deadlines.ts";
import type { LinkedList } from "../calls/linked-list.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import type { Waiter } from "../calls/waiters.ts";
import { lateErrorOf, type Writer, type Writers } from "./write.ts";

/** The caller of many writes, as one of them sees it. */
export interface Many {
  /** Whether it may fail as a whole before its end. */
  readonly mayLeave: boolean;
  /** One of them is written. */
  wrote(key: string, place: number): void;
  /** One of them failed. */
  missed(key: string, place: number, error: unknown): void;
}

/** The writes that were taken from the source together. They share a deadline. */
export class Part implements Deadline {
  before: Deadline | undefined = undefined;
  after: Deadline | undefined = undefined;
  list: LinkedList<Deadline> | undefined = undefined;
  readonly end: Milliseconds;
  readonly deadline: Milliseconds;
  readonly #terms: CallerTerms;
  readonly #onSettled: () => void;
  readonly #items: OneOfMany[] = [];
  #left = 0;

  constructor(terms: CallerTerms, stepDeadline: Milliseconds, whole: Waiter, onSettled: () => void) {
    this.#terms = terms;
    this.#onSettled = onSettled;
    this.end = Math.min(now() + stepDeadline, whole.end);
    this.deadline = Math.min(stepDeadline, whole.deadline);
    terms.deadlines.add(this, stepDeadline);
  }

  add(item: OneOfMany): OneOfMany {
    this.#items.push(item);
    this.#left++;
    return item;
  }

  /** One of them is settled. */
  settled(): void {
    if (--this.#left > 0) return;
    this.#terms.deadlines.remove(this);
    this.#onSettled();
  }

  onDeadline(): void {
    for (const item of this.#items) item.onDeadline();
  }

  /** Leaves all writes that are not settled. */
  leave(): void {
    this.#terms.deadlines.remove(this);
    for (const item of this.#items) item.leave();
  }
}

/** The writer of one of many writes. There may be millions, so it has a few fields and no closures. */
export class OneOfMany implements Writer {
  writers: Writers | undefined = undefined;
  readonly #all: Many;
  readonly #part: Part;
  readonly #place: number;

  constructor(all: Many, part: Part, place: number) {
    this.#all = all;
    this.#part = part;
    this.#place = place;
  }

  get end(): Milliseconds {
    return this.#part.end;
  }

  get deadline(): Milliseconds {
    return this.#part.deadline;
  }

  get mayAbort(): boolean {
    return this.#all.mayLeave;
  }

  written(key: string): void {
    this.#part.settled();
    this.#all.wrote(key, this.#place);
  }

  failed(key: string, error: unknown): void {
    this.#part.settled();
    this.#all.missed(key, this.#place, error);
  }

  onDeadline(): void {
    const { writers } = this;
    if (writers === undefined) return;
    const error = lateErrorOf(this);
    const { key } = writers.write;
    this.leave();
    this.failed(key, error);
  }

  leave(): void {
    const { writers } = this;
    this.writers = undefined;
    writers?.leave(this);
  }
}
