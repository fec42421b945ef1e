/**
 * The writes: the store buffer, which holds a write from its call until it is confirmed. docs/writes.md has its laws.
 * Writes gather here, keep the pace of their keys, replace each other, and are sent in bulk.
 * It may import `requests/`, `budget/`, `calls/` and the seam; it knows nothing about reads.
 *
 * @module
 */
import { BatchWindow } from "../calls/batch-window.ts";
import { Deliveries } from "./deliveries.ts";
import { deleteOf, newDelete, newPut, putOf } from "./new-write.ts";
import { flowOf } from "../seam/flow.ts";
import type { Gate, Lane } from "../budget/gate.ts";
import type { KVCallOptions, KVPutOptions, KVValue, Milliseconds } from "../seam/kv-namespace.ts";
import { KVError } from "../seam/errors.ts";
import { quoteKey } from "../seam/validate.ts";
import type { Unlisted } from "../seam/unlisted-keys.ts";
import type { KVPair } from "../contract/kv.ts";
import type { KVStats } from "../contract/stats.ts";
import { ManyWrites } from "./many-writes.ts";
import type { Need } from "../budget/budget.ts";
import { Onlooker } from "./onlooker.ts";
import type { Overtaking } from "./overtakings.ts";
import type { Requests } from "../requests/requests.ts";
import type { StoreBuffer } from "./store-buffer.ts";
import { OneWrite, type Write } from "./write.ts";
import type { WriteRequests } from "./write-requests.ts";

/** The writes of one namespace: what is called goes to the store buffer, and from there to the API when the gate opens. */
export class Writes implements Lane {
  readonly #requests: Requests;
  readonly #gate: Gate;
  readonly #stats: KVStats;
  readonly #buffer: StoreBuffer;
  readonly #deliveries: Deliveries;
  readonly #batchWindow: BatchWindow;
  /** Whether calls share requests. */
  readonly #shared: boolean;
  /** Whether the gate has refused what is next. */
  #held = false;

  constructor(requests: Requests, send: WriteRequests, stats: KVStats, buffer: StoreBuffer) {
    const { gate, settings } = requests;
    this.#requests = requests;
    this.#gate = gate;
    this.#stats = stats;
    this.#buffer = buffer;
    buffer.countIn(stats);
    this.#deliveries = new Deliveries(requests, send, this.#buffer);
    this.#batchWindow = new BatchWindow(settings.batch.window, () => this.#gate.open());
    this.#shared = settings.shared;
  }

  put(key: string, value: KVValue, options: KVPutOptions): Promise<void> {
    return this.#call(newPut(key, value, options, this.#shared ? "if large" : "always"), options);
  }

  delete(key: string, options: KVCallOptions): Promise<void> {
    return this.#call(newDelete(key, !this.#shared), options);
  }

  /** Deletes a key after a lookup of it; reads see the delete from now on. */
  deleteAfter(look: Promise<unknown>, key: string): Promise<void> {
    this.#buffer.holdBack(key, look);
    return this.delete(key, {});
  }

  putMany(pairs: Iterable<KVPair> | AsyncIterable<KVPair>, options: KVCallOptions): Promise<void> {
    return this.#callMany(pairs, putOf, options);
  }

  deleteMany(keys: Iterable<string> | AsyncIterable<string>, options: KVCallOptions): Promise<void> {
    return this.#callMany(keys, deleteOf, options);
  }

  /** The last write of a key that is not confirmed. */
  underWay(key: string): Write | undefined {
    return this.#buffer.last(key);
  }

  /**
   * Resolves when the last write of a key is settled, with whether it was a delete and is confirmed. Rejects when the
   * caller stops waiting.
   */
  async settled(key: string, options: KVCallOptions): Promise<boolean> {
    const write = this.underWay(key);
    return (
      write !== undefined && (await new Onlooker(this.#requests, options, write).promise) && write.put === undefined
    );
  }

  /** The last write of each key that is being written, as far as they begin with a prefix. */
  allUnderWay(prefix: string): Generator<Write> {
    return this.#buffer.lastOfEach(prefix);
  }

  /** The keys with a prefix that an abandoned put may still bring. */
  abandonedPuts(prefix: string): Iterable<string> {
    return this.#buffer.abandonedPuts(prefix, this.#buffer.count);
  }

  /** Marks this moment: see {@link UNLISTED_KEYS}. */
  unlisted(prefix: string): () => Unlisted {
    const { count } = this.#buffer;
    return () => {
      const unlisted = new Map<string, Promise<void> | undefined>();
      for (const key of this.#buffer.abandonedPuts(prefix, count)) unlisted.set(key, undefined);
      // What is being deleted may fail to be.
      for (const { key, put, order } of this.allUnderWay(prefix))
        unlisted.set(key, put && order > count ? this.#putSince(key, count) : undefined);
      return unlisted;
    };
  }

  /** For work that deletes what begins with a prefix, and must not undo what is put from now on. */
  overtaking(prefix: string): Overtaking {
    return this.#buffer.overtaking(prefix);
  }

  /** Whether such work is under way that deletes what there is of a key. */
  isBeingCleared(key: string): boolean {
    return this.#buffer.isBeingCleared(key);
  }

  /** From now on nothing waits for others. */
  hurry(): void {
    this.#batchWindow.hurry();
  }

  /** Resolves when no caller waits for a write. */
  drained(): Promise<void> {
    return this.#buffer.drained();
  }

  get since(): Milliseconds {
    return this.#buffer.since;
  }

  need(): Need | undefined {
    return this.#batchWindow.active ? undefined : this.#buffer.need();
  }

  go(): void {
    this.#held = false;
    void this.#deliveries.deliver(this.#buffer.take());
  }

  held(): void {
    if (!this.#held) this.#stats.waits++;
    this.#held = true;
  }

  /** Resolves when a put of a key is confirmed that is not among the first so many writes; rejects when none is left. */
  async #putSince(key: string, count: number): Promise<void> {
    let write = this.underWay(key);
    while (write?.put && write.order > count) {
      if (await new Onlooker(this.#requests, {}, write).promise) return;
      write = this.underWay(key);
    }
    throw new KVError("KV_API", `No later put of ${quoteKey(key)} was confirmed.`, { key });
  }

  #call(write: Write, options: KVCallOptions): Promise<void> {
    const caller = new OneWrite(this.#requests, options);
    write.flow = flowOf(options);
    write.writers.join(caller);
    this.#add(write);
    return caller.promise;
  }

  #callMany<Item>(
    items: Iterable<Item> | AsyncIterable<Item>,
    toWrite: (item: Item) => Write,
    options: KVCallOptions,
  ): Promise<void> {
    const all = new ManyWrites(this.#requests, options);
    const flow = flowOf(options);
    const add = (write: Write): void => {
      write.flow = flow;
      this.#add(write);
    };
    const sink = { add, room: () => this.#buffer.room() };
    return all.feed(items, toWrite, this.#requests.limits, sink);
  }

  #add(write: Write): void {
    this.#stats.writtenKeys++;
    this.#buffer.add(write);
    this.#batchWindow.begin();
  }
}
