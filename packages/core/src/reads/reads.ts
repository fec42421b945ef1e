/**
 * The reads: keys requested together share one request. A read waits here until the gate lets its batch in.
 * It may import `requests/`, `budget/`, `calls/` and the seam; it knows nothing about writes.
 *
 * @module
 */
import { Asked, type Keeper, type Reader } from "./asked.ts";
import { Batch } from "./batch.ts";
import { BatchWindow } from "../calls/batch-window.ts";
import type { BatchSettings } from "../contract/options.ts";
import { DEFAULT_CACHE_TTL_SECONDS } from "../seam/limits.ts";
import { FairQueue } from "../calls/fair-queue.ts";
import type { Flow } from "../seam/flow.ts";
import type { Found } from "../seam/decode.ts";
import type { Gate, Lane } from "../budget/gate.ts";
import type { KVCallOptions, Milliseconds, Seconds } from "../seam/kv-namespace.ts";
import type { KVError } from "../seam/errors.ts";
import type { KVStats } from "../contract/stats.ts";
import { ManyReads, OneRead, type ToResult } from "./readers.ts";
import type { Need } from "../budget/budget.ts";
import { NOT_TEXT, saysCode } from "../requests/answer.ts";
import { now } from "../time/clock.ts";
import { NotText } from "./not-text.ts";
import { partsAfter, type ReadRequests, type Wanted } from "./read-requests.ts";
import { PendingCount } from "../time/pending-count.ts";
import type { Requests } from "../requests/requests.ts";

/**
 * The reads of one namespace. All that are requested in one turn of the event loop, and all that arrive while the gate
 * is closed, wait together; identical keys wait once. When the gate lets a request in, it takes as many keys as it can
 * carry.
 */
export class Reads implements Lane, Keeper {
  readonly #requests: Requests;
  readonly #gate: Gate;
  readonly #send: ReadRequests;
  readonly #batch: BatchSettings;
  readonly #stats: KVStats;
  #waiting: Map<string, Asked> = new Map();
  readonly #turns: FairQueue<Asked> = new FairQueue();
  readonly #pending: PendingCount = new PendingCount();
  readonly #notText: NotText = new NotText();
  readonly #batchWindow: BatchWindow;
  /** Whether the gate has refused what is next. */
  #held = false;

  constructor(requests: Requests, send: ReadRequests, stats: KVStats) {
    this.#requests = requests;
    this.#gate = requests.gate;
    this.#send = send;
    this.#batch = requests.settings.batch;
    this.#stats = stats;
    this.#batchWindow = new BatchWindow(this.#batch.window, () => this.#gate.open());
  }

  /** Reads one key. */
  one<Result>(wanted: Wanted, options: KVCallOptions, toResult: ToResult<Result>): Promise<Result> {
    const reader = new OneRead(this.#requests, options, wanted, toResult);
    if (this.#requests.settings.shared) this.#askAll([wanted], reader);
    else this.#askAlone(wanted, reader);
    return reader.promise;
  }

  /**
   * Reads any number of distinct keys; one that does not exist is not in the map.
   *
   * @param mostBytes How many bytes their values may have together.
   */
  many(wanted: readonly Wanted[], options: KVCallOptions, mostBytes?: number): Promise<Map<string, Found>> {
    if (wanted.length === 0) return Promise.resolve(new Map());
    const reader = new ManyReads(this.#requests, options, wanted, mostBytes);
    this.#askAll(wanted, reader);
    return reader.promise;
  }

  /** Has a key wait in one more flow, if it waits. */
  joinFlow(key: string, flow: Flow): void {
    const asked = this.#waiting.get(key);
    if (asked === undefined) return;
    asked.flow = asked.flow?.sooner(flow);
    this.#turns.add(asked, flow, this.#gate.turnsFrom(now()));
  }

  get isSent(): boolean {
    return false;
  }

  get lastError(): undefined {
    return undefined;
  }

  /** From now on nothing waits for others. */
  hurry(): void {
    this.#batchWindow.hurry();
  }

  /** Resolves when nothing waits and nothing is under way. */
  drained(): Promise<void> {
    return this.#pending.atMost(0);
  }

  get since(): Milliseconds {
    return this.#turns.turn;
  }

  need(): Need | undefined {
    if (this.#waiting.size === 0 || this.#batchWindow.active) return undefined;
    return this.#waiting.size >= this.#batch.maxKeys ? "full" : "partial";
  }

  go(): void {
    this.#held = false;
    void this.#read(this.#take(), true);
  }

  held(): void {
    if (!this.#held) this.#stats.waits++;
    this.#held = true;
  }

  /** No caller waits for a key that waits here. */
  drop(asked: Asked): void {
    this.#remove(asked);
    this.#pending.remove();
    // There may be nothing left to wait for.
    this.#gate.openSoon();
  }

  lateError(deadline: Milliseconds): KVError {
    return this.#gate.lateError(deadline, this.need());
  }

  #askAll(wanted: readonly Wanted[], reader: Reader): void {
    for (const one of wanted) this.#ask(one, reader);
    this.#batchWindow.begin();
  }

  #ask(wanted: Wanted, reader: Reader): void {
    this.#stats.readKeys++;
    let asked = this.#waiting.get(wanted.key);
    if (asked) {
      this.#stats.sharedReads++;
      asked.metadata ||= wanted.metadata;
      asked.bytes ||= wanted.bytes;
      // Who wants no bytes gets value and metadata by one request, so that they are of one write.
      asked.binary &&= wanted.binary ?? false;
      asked.expiration ||= wanted.expiration ?? false;
      asked.cacheTtl = fresher(asked.cacheTtl, wanted.cacheTtl);
      asked.flow = wanted.flow && asked.flow?.sooner(wanted.flow);
    } else {
      asked = new Asked(wanted, this);
      this.#waiting.set(wanted.key, asked);
      this.#pending.add();
      this.#gate.budget.demand(reader.at);
    }
    this.#turns.add(asked, wanted.flow, this.#gate.turnsFrom(reader.at));
    asked.join(reader);
  }

  /** Takes the keys of the next request. */
  #take(): Asked[] {
    const batch: Asked[] = [];
    const isAll = this.#waiting.size <= this.#batch.maxKeys;
    while (batch.length < this.#batch.maxKeys) {
      const asked = this.#turns.first();
      if (asked === undefined) break;
      if (isAll) this.#turns.delete(asked);
      else this.#remove(asked);
      batch.push(asked);
    }
    // A map that is emptied leaves a chain of tables, with all that was in them, to the slower of V8's collectors.
    if (isAll) this.#waiting = new Map();
    return batch;
  }

  #remove(asked: Asked): void {
    this.#waiting.delete(asked.key);
    this.#turns.delete(asked);
  }

  #askAlone(wanted: Wanted, reader: Reader): void {
    this.#stats.readKeys++;
    this.#pending.add();
    const asked = new Asked(wanted, this);
    asked.join(reader);
    void this.#read([asked], false);
  }

  /** @param admitted Whether the gate let one request in. */
  #read(all: readonly Asked[], admitted: boolean): Promise<void> {
    const [first] = all;
    // The commonest read, and the one whose key pays for all of it.
    if (all.length === 1 && first !== undefined && this.#goesAlone(first, 1)) {
      return this.#readAlone(first, admitted, this.#notText.has(first.key));
    }
    return this.#readMany(all, admitted);
  }

  async #readMany(all: readonly Asked[], admitted: boolean): Promise<void> {
    const alone = all.filter((asked) => this.#goesAlone(asked, all.length));
    const shared = alone.length === 0 ? all : all.filter((asked) => !alone.includes(asked));
    const reads = alone.map((asked, i) => {
      const isFirst = i === 0 && shared.length === 0;
      return this.#readAlone(asked, admitted && isFirst, this.#notText.has(asked.key));
    });
    if (shared.length > 0) reads.push(this.#readTogether(shared, admitted));
    await Promise.all(reads);
  }

  /** Whether a key is read by single requests: one endpoint returns the value, another one the metadata. */
  #goesAlone({ key, binary, metadata }: Asked, count: number): boolean {
    // Bytes as JSON may be none, or six times as many, and two requests at once take no longer than one.
    return this.#notText.has(key) || (count === 1 && (binary || !metadata));
  }

  async #readTogether(all: readonly Asked[], admitted: boolean): Promise<void> {
    const batch = new Batch(this.#requests, this.#pending, all, admitted);
    try {
      const cacheTtl = all.map((asked) => asked.cacheTtl).reduce(fresher);
      const found = await this.#send.bulk(all, batch.sending, cacheTtl);
      for (const asked of all) batch.settle(asked, found.get(asked.key) ?? null);
    } catch (error) {
      batch.failWithdrawn(error);
      const again = batch.left.length === 0 ? undefined : partsAfter(error, batch.left);
      if (again === undefined) return batch.fail(error);
      const isNotText = saysCode(error, NOT_TEXT);
      const read = (part: readonly Asked[]): Promise<void> =>
        again.mayBeBytes && part.length === 1 ? this.#readAlone(part[0]!, false, isNotText) : this.#read(part, false);
      await Promise.all(again.parts.map(read));
    }
  }

  /**
   * Reads a value, and its metadata if wanted, with parallel requests.
   *
   * @param suspected Whether it may have failed a bulk get, or is known to have done so.
   */
  async #readAlone(asked: Asked, admitted: boolean, suspected: boolean): Promise<void> {
    const { key, cacheTtl } = asked;
    const batch = new Batch(this.#requests, this.#pending, [asked], admitted);
    try {
      const wanted = { key, bytes: asked.bytes || suspected };
      const value = this.#send.value(wanted, batch.sending, cacheTtl);
      const [entry, about] = asked.metadata
        ? await Promise.all([value, this.#send.metadata(key, batch.another())])
        : [await value, null];
      if (suspected) this.#notText.learn(key, (entry?.value as ArrayBuffer | undefined) ?? null);
      batch.settle(asked, entry && about ? { ...entry, metadata: about.metadata } : entry);
    } catch (error) {
      batch.fail(error);
    }
  }
}

/** Of two, the one that keeps both callers as fresh as they ask; who does not say gets what is usual. */
function fresher(one: Seconds | undefined, other: Seconds | undefined): Seconds | undefined {
  return (one ?? DEFAULT_CACHE_TTL_SECONDS) <= (other ?? DEFAULT_CACHE_TTL_SECONDS) ? one : other;
}
