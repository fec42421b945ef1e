import { BulkBody, type BulkLimits } from "./bulk.ts";
import { Caller, type CallerTerms } from "../calls/caller.ts";
import { deadlinePassed } from "../calls/deadlines.ts";
import { KVBulkError, KVError, type KVErrorCode } from "../seam/errors.ts";
import type { KVCallOptions, Milliseconds } from "../seam/kv-namespace.ts";
import { reasonOf } from "../seam/reason.ts";
import { describe } from "../seam/validate.ts";
import { OneOfMany, Part, type Many } from "./part.ts";
import { SourceSilence } from "./source-silence.ts";
import type { Write } from "./write.ts";

/** Where writes go. */
export interface Sink {
  add(write: Write): void;
  /** Resolves when there is room for another body. */
  room(): Promise<void>;
}

/** Failures that concern no single key, and are thrown as they are if nothing was written. */
const GENERAL: ReadonlySet<KVErrorCode> = new Set<KVErrorCode>([
  "KV_AUTH",
  "KV_NOT_FOUND",
  "KV_CONFIG",
  "KV_RATE_LIMIT",
]);

/**
 * The caller of many writes: settled when all of them are, with the keys that failed.
 *
 * A deadline of the call is for all of it. Without one, each part of the source has the client's `deadline`, from when
 * it was taken, and so has the wait for the source's next item: a long import may take as long as it needs.
 */
export class ManyWrites extends Caller<void> implements Many {
  readonly #terms: CallerTerms;
  /** The deadline of each part, if the call has none of its own. */
  readonly #stepDeadline: Milliseconds;
  /** The keys that failed, with their places among all, and why. */
  readonly #failed: Map<string, { place: number; error: unknown }> = new Map();
  readonly #parts: Set<Part> = new Set();
  #endSource: (() => void) | undefined;
  #endWait: (() => void) | undefined;
  /** Whether all items are known. */
  #hasAll = false;
  #count = 0;
  #written = 0;
  #left = 1;

  constructor(terms: CallerTerms, options: KVCallOptions) {
    super(terms, options, Number.POSITIVE_INFINITY);
    this.#terms = terms;
    this.#stepDeadline = options.deadline === undefined ? terms.settings.deadline : Number.POSITIVE_INFINITY;
  }

  /**
   * Takes the writes of a source into the sink: an array as a whole and at once; what is still to
   * come in whole bodies, two of them ahead of the API, so that memory does not grow with the
   * source. Resolves when all are settled.
   */
  async feed<Item>(
    items: Iterable<Item> | AsyncIterable<Item>,
    toWrite: (item: Item) => Write,
    limits: BulkLimits,
    sink: Sink,
  ): Promise<void> {
    void this.#addAndComplete(items, toWrite, limits, sink);
    // A caller that stops waiting gets its error at once, even while the source is silent.
    await this.promise;
  }

  async #addAndComplete<Item>(
    items: Iterable<Item> | AsyncIterable<Item>,
    toWrite: (item: Item) => Write,
    limits: BulkLimits,
    sink: Sink,
  ): Promise<void> {
    try {
      if (Array.isArray(items)) {
        const writes = (items as Item[]).map(toWrite);
        this.#hasAll = true;
        this.#addAll(writes, sink);
      } else {
        await this.#addInBodies(items, toWrite, limits, sink);
        this.#hasAll = true;
      }
    } catch (error) {
      this.reject(error);
    }
    this.#one();
  }

  async #addInBodies<Item>(
    items: Iterable<Item> | AsyncIterable<Item>,
    toWrite: (item: Item) => Write,
    limits: BulkLimits,
    sink: Sink,
  ): Promise<void> {
    // A text is iterable as well, but each of its characters would be a key.
    if (typeof items !== "object" || !(Symbol.iterator in (items ?? {}) || Symbol.asyncIterator in (items ?? {}))) {
      throw new KVError(
        "KV_INVALID",
        `putMany and deleteMany take an array or another iterable, not ${describe(items)}.`,
      );
    }
    let body = new BulkBody(limits);
    const take = (item: Item): Promise<void> | undefined => {
      const write = toWrite(item);
      if (body.add(write)) return undefined;
      this.#addAll(body.writes, sink);
      body = new BulkBody(limits);
      body.add(write);
      return this.#room(sink);
    };
    if (Symbol.iterator in items) {
      for (const item of items) {
        if (this.settled) return;
        const full = take(item);
        if (full) await full;
      }
    } else {
      for await (const item of this.#inTime(items)) await take(item);
    }
    if (!this.settled) this.#addAll(body.writes, sink);
  }

  /** Resolves when there is room for another body, or no caller waits: then the source is to end. */
  #room(sink: Sink): Promise<void> {
    return new Promise((resolve) => {
      this.#endWait = resolve;
      sink.room().then(resolve, resolve);
    });
  }

  /** Yields the items of an asynchronous source, until it is silent for too long or no caller waits. */
  async *#inTime<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
    const source = items[Symbol.asyncIterator]();
    const silence = new SourceSilence(this.#terms, this.#stepDeadline, () => this.reject(this.#silent()));
    let isOver = false;
    this.#endSource = () => {
      silence.over();
      if (!isOver) Promise.resolve(source.return?.()).catch(() => {});
      isOver = true;
    };
    try {
      while (!this.settled) {
        silence.begin();
        const step = await source.next().catch((error: unknown) => {
          isOver = true;
          throw error;
        });
        silence.over();
        isOver ||= step.done === true;
        if (isOver) return;
        yield step.value;
      }
    } finally {
      this.#endSource();
    }
  }

  /** All of it is checked before any of it is sent. */
  #addAll(writes: readonly Write[], sink: Sink): void {
    if (writes.length === 0) return;
    const part = new Part(this.#terms, this.#stepDeadline, this, () => this.#parts.delete(part));
    this.#parts.add(part);
    this.#left += writes.length;
    for (const write of writes) {
      write.writers.join(part.add(new OneOfMany(this, part, this.#count++)));
      sink.add(write);
    }
  }

  /** Whether it may fail as a whole before its end: by its signal, or since its source throws. */
  get mayLeave(): boolean {
    return this.mayAbort || !this.#hasAll;
  }

  /** One of them is written. */
  wrote(key: string, place: number): void {
    this.#written++;
    // Where a key comes more than once, the last one counts.
    const failed = this.#failed.get(key);
    if (failed !== undefined && failed.place < place) this.#failed.delete(key);
    this.#one();
  }

  /** One of them failed. */
  missed(key: string, place: number, error: unknown): void {
    this.#failed.set(key, { place, error });
    this.#one();
  }

  protected override leaveAll(): void {
    this.#endSource?.();
    this.#endWait?.();
    for (const part of this.#parts) part.leave();
  }

  protected override lateError(): unknown {
    for (const part of this.#parts) part.onDeadline();
    if (this.#hasAll) return this.#error();
    return deadlinePassed(this.deadline, `before the source ended; ${this.#written} items are done.`);
  }

  #silent(): KVError {
    return new KVError(
      "KV_TIMEOUT",
      `The source yielded nothing for ${this.#stepDeadline} ms, the client's deadline; ${this.#written} items are done. A deadline of the call allows longer waits, and bounds it as a whole.`,
    );
  }

  #one(): void {
    if (--this.#left > 0) return;
    if (this.#failed.size === 0) this.resolve();
    else this.reject(this.#error());
  }

  #error(): unknown {
    // Parts of a request may fail in any order.
    const failed = [...this.#failed].toSorted(([, a], [, b]) => a.place - b.place);
    const reasons = new Map(failed.map(([key, { error }]) => [key, error]));
    const cause = failed[0]?.[1].error;
    if (this.#written === 0 && cause instanceof KVError && GENERAL.has(cause.code)) return cause.cause ?? cause;
    const others = this.#written > 0 ? " and all others are done" : "";
    const message = `${reasons.size === 1 ? "1 key" : `${reasons.size} keys`} failed${others}. The first failure: ${reasonOf(cause)}`;
    return new KVBulkError(message, reasons, { cause });
  }
}
