import { BulkBody } from "./bulk.ts";
import { Caller } from "./caller.ts";
import { KVBulkError, KVError, type KVErrorCode } from "./errors.ts";
import type { KVCallOptions } from "./kv-namespace.ts";
import type { Requests } from "./request.ts";
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
  readonly #failed: Set<string> = new Set();
  #cause: unknown;
  #written = 0;
  #left = 1;

  constructor(requests: Requests, options: KVCallOptions) {
    super(requests, options);
    this.#requests = requests;
    this.#options = options;
  }

  /**
   * Takes the writes of a source into the sink: at once what is there, in whole bodies, two of them
   * ahead of the API, so that memory does not grow with the source. Resolves when all are settled.
   */
  async feed<Item>(
    items: Iterable<Item> | AsyncIterable<Item>,
    toWrite: (item: Item, writer: Writer) => Write,
    maxBytes: number,
    sink: Sink,
  ): Promise<void> {
    // A text is iterable as well: each of its characters would be a key.
    if (typeof items === "string") {
      throw new KVError("KV_INVALID", "putMany and deleteMany take an array or another iterable, not a string.");
    }
    // It may fail while the source is still being read.
    this.promise.catch(() => {});
    let body = new BulkBody(maxBytes);
    const take = (write: Write): Promise<void> | undefined => {
      if (body.add(write)) return undefined;
      for (const full of body.writes) sink.add(full);
      body = new BulkBody(maxBytes);
      body.add(write);
      return sink.room();
    };
    if (Symbol.iterator in items) {
      // An array is checked as a whole before any of it is sent.
      const writes = Array.isArray(items) ? (items as Item[]).map((item) => toWrite(item, this.#writer())) : undefined;
      for (const item of writes ?? items) {
        if (this.settled) break;
        const room = take(writes ? (item as Write) : toWrite(item as Item, this.#writer()));
        // The writes of an array are there anyway, and a call that comes later must not overtake them.
        if (room && !writes) await room;
      }
    } else {
      for await (const item of items) {
        if (this.settled) break;
        await take(toWrite(item, this.#writer()));
      }
    }
    for (const write of body.writes) sink.add(write);
    this.#one();
    await this.promise;
  }

  /** The writer of one of them, with a deadline of its own, since they are not all called at once. */
  #writer(): Writer {
    this.#left++;
    const allSettled = (): boolean => this.settled;
    let settled = false;
    const settle = (count: () => void): void => {
      if (settled) return;
      settled = true;
      count();
      this.#one();
    };
    return {
      party: this,
      end: this.#requests.endOf(this.#options),
      get settled() {
        return settled || allSettled();
      },
      written: () => settle(() => this.#written++),
      failed: (key, error) =>
        settle(() => {
          this.#failed.add(key);
          this.#cause ??= error;
        }),
    };
  }

  #one(): void {
    if (--this.#left > 0) return;
    if (this.#failed.size === 0) return this.resolve();
    const keys = [...this.#failed];
    const cause = this.#cause;
    if (this.#written === 0 && cause instanceof KVError && GENERAL.has(cause.code))
      return this.reject(cause.cause ?? cause);
    const why = cause instanceof Error ? cause.message : String(cause);
    const others = this.#written > 0 ? " and all others are done" : "";
    this.reject(new KVBulkError(`${keys.length} keys failed${others}. The first failure: ${why}`, keys, { cause }));
  }
}
