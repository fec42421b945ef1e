import { BulkBody, type BulkLimits } from "./bulk.ts";
import { Caller } from "./caller.ts";
import { KVBulkError, KVError, type KVErrorCode } from "./errors.ts";
import type { KVCallOptions, Milliseconds } from "./kv-namespace.ts";
import { reasonOf } from "./reason.ts";
import type { Requests } from "./request.ts";
import { describe } from "./validate.ts";
import type { Write, Writer } from "./write.ts";

/** Where writes go. */
export interface Sink {
  add(write: Write): void;
  /** Resolves when there is room for another body. */
  room(): Promise<void>;
}

/** What is not a matter of keys, and tells itself where nothing was written at all. */
const GENERAL: ReadonlySet<KVErrorCode> = new Set<KVErrorCode>([
  "KV_AUTH",
  "KV_NOT_FOUND",
  "KV_CONFIG",
  "KV_RATE_LIMIT",
]);

/** The caller of many writes: settled when all of them are, with the keys that failed. */
export class ManyWrites extends Caller<void> {
  readonly #requests: Requests;
  readonly #options: KVCallOptions;
  /** The keys that failed, with their places among all, and why. */
  readonly #failed: Map<string, { place: number; error: unknown }> = new Map();
  #count = 0;
  #cause: unknown;
  #written = 0;
  #left = 1;

  constructor(requests: Requests, options: KVCallOptions) {
    super(requests, options);
    this.#requests = requests;
    this.#options = options;
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
    // A caller that stops waiting is told at once, also while the source is silent.
    await this.promise;
  }

  async #addAndComplete<Item>(
    items: Iterable<Item> | AsyncIterable<Item>,
    toWrite: (item: Item) => Write,
    limits: BulkLimits,
    sink: Sink,
  ): Promise<void> {
    try {
      if (Array.isArray(items)) this.#addAll(items as Item[], toWrite, sink);
      else await this.#addInBodies(items, toWrite, limits, sink);
    } catch (error) {
      this.reject(error);
    }
    this.#one();
  }

  /** All of it is checked before any of it is sent. */
  #addAll<Item>(items: Item[], toWrite: (item: Item) => Write, sink: Sink): void {
    for (const write of items.map(toWrite)) this.#add(write, sink);
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
      for (const full of body.writes) this.#add(full, sink);
      body = new BulkBody(limits);
      body.add(write);
      return sink.room();
    };
    if (Symbol.iterator in items) {
      for (const item of items) {
        if (this.settled) return;
        const full = take(item);
        if (full) await full;
      }
    } else {
      for await (const item of items) {
        if (this.settled) return;
        await take(item);
      }
    }
    for (const write of body.writes) this.#add(write, sink);
  }

  #add(write: Write, sink: Sink): void {
    // A deadline of its own, since they are not all called at once.
    write.writers = [new OneOfMany(this, this.#count++, this.#requests.endOf(this.#options))];
    this.#left++;
    sink.add(write);
  }

  /** One of them is written. */
  wrote(): void {
    this.#written++;
    this.#one();
  }

  /** One of them failed. */
  missed(key: string, place: number, error: unknown): void {
    this.#failed.set(key, { place, error });
    this.#cause ??= error;
    this.#one();
  }

  #one(): void {
    if (--this.#left > 0) return;
    if (this.#failed.size === 0) return this.resolve();
    // Parts of a request may fail in any order.
    const failed = [...this.#failed].toSorted(([, a], [, b]) => a.place - b.place);
    const reasons = new Map(failed.map(([key, { error }]) => [key, error]));
    const cause = this.#cause;
    if (this.#written === 0 && cause instanceof KVError && GENERAL.has(cause.code))
      return this.reject(cause.cause ?? cause);
    const others = this.#written > 0 ? " and all others are done" : "";
    const message = `${reasons.size} keys failed${others}. The first failure: ${reasonOf(cause)}`;
    this.reject(new KVBulkError(message, reasons, { cause }));
  }
}

/** The writer of one of them. There may be a great many: it is an object of a few fields, and no closures. */
class OneOfMany implements Writer {
  readonly party: ManyWrites;
  readonly end: Milliseconds;
  readonly #place: number;
  #settled = false;

  constructor(party: ManyWrites, place: number, end: Milliseconds) {
    this.party = party;
    this.#place = place;
    this.end = end;
  }

  get settled(): boolean {
    return this.#settled || this.party.settled;
  }

  written(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.party.wrote();
  }

  failed(key: string, error: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.party.missed(key, this.#place, error);
  }
}
