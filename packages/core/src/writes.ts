import { abandonedSignal, type Party } from "./abandoned.ts";
import { backoff } from "./backoff.ts";
import type { Need } from "./budget.ts";
import { BulkBody, toBulkKey, toBulkPair, type BulkItem } from "./bulk.ts";
import { endOfTick } from "./end-of-tick.ts";
import { KVError, KVRateLimitError } from "./errors.ts";
import { outOfBudget, type Gate, type Lane } from "./gate.ts";
import type { KVPair } from "./kv.ts";
import type { KVCallOptions, KVPutOptions, KVValue, Milliseconds } from "./kv-namespace.ts";
import { MAX_BULK_KEYS, MIN_EXPIRATION_TTL_SECONDS } from "./limits.ts";
import type { BatchSettings, Settings } from "./options.ts";
import { Outstanding } from "./outstanding.ts";
import { Pace } from "./pace.ts";
import type { Requests } from "./request.ts";
import type { KVStats } from "./stats.ts";
import { checkKey, checkPutOptions, quoteKey, type CheckedPutOptions } from "./validate.ts";
import { checkValue, type StreamedValue, type WholeValue } from "./value.ts";
import type { Outcome, WriteRequests, WriteTerms } from "./write-requests.ts";
import { errorFor, isWanted, ManyWrites, OneWrite, type Write, type Writer } from "./write.ts";

/** A value above this takes a request of its own: 1 MiB. */
const ALONE_BYTES = 1024 * 1024;

/** How often KV takes a write of one key. */
const WRITE_INTERVAL: Milliseconds = 1000;

/** Whether a write takes a request of its own. */
type Alone = "always" | "if large" | "never";

/** The brackets, names and options of a pair. */
const PAIR_OVERHEAD_BYTES = 100;

/** How late a key's turn may be noticed, so that the turns of many keys make one request. */
const TURN_GRAIN: Milliseconds = 20;

/** The writes of one key: one under way, and one that waits, overwritten by whatever comes later. */
interface Slot {
  readonly key: string;
  current?: Write | undefined;
  next?: Write | undefined;
  /** When the key may be written again, where the API refused it. */
  notBefore: Milliseconds;
}

/**
 * The writes of one namespace: the store buffer.
 *
 * A write waits in its key's {@link Slot} until the key may be written (one at a time, at the key's
 * pace), then among the ready ones until the gate lets a request in, which takes as many as it can
 * carry. It leaves the slot when the API confirmed it, or when it failed for good.
 */
export class Writes implements Lane {
  readonly #requests: Requests;
  readonly #gate: Gate;
  readonly #send: WriteRequests;
  readonly #settings: Settings;
  readonly #batch: BatchSettings;
  readonly #stats: KVStats;
  readonly #pace: Pace;
  readonly #slots: Map<string, Slot> = new Map();
  /** What may be sent, in the order of the calls. */
  readonly #ready: { puts: Map<string, Write>; deletes: Map<string, Write>; alone: Map<string, Write> } = {
    puts: new Map(),
    deletes: new Map(),
    alone: new Map(),
  };
  #readyBytes = 0;
  /** Slots whose key's turn has not come. */
  readonly #later: Set<Slot> = new Set();
  #laterTimer: ReturnType<typeof setTimeout> | undefined;
  #laterAt: Milliseconds = Number.POSITIVE_INFINITY;
  readonly #outstanding: Outstanding = new Outstanding();
  readonly #outstandingBytes: Outstanding = new Outstanding();
  #gathering = false;
  /** Whether the gate has refused what is next. */
  #held = false;
  /** Nothing that waits has an earlier deadline. */
  #nextEnd: Milliseconds = Number.POSITIVE_INFINITY;

  constructor(requests: Requests, send: WriteRequests, stats: KVStats) {
    this.#requests = requests;
    this.#gate = requests.gate;
    this.#send = send;
    this.#settings = requests.settings;
    this.#batch = requests.settings.batch;
    this.#stats = stats;
    this.#pace = new Pace(this.#settings.writeInterval, this.#settings.writeBurst);
  }

  put(key: string, value: KVValue, options: KVPutOptions): Promise<void> {
    const caller = new OneWrite(this.#requests, options);
    this.#add(this.#toPut(key, value, options, caller, this.#settings.shared ? "if large" : "always"));
    return caller.promise;
  }

  delete(key: string, options: KVCallOptions): Promise<void> {
    const caller = new OneWrite(this.#requests, options);
    this.#add(this.#toDelete(key, caller, !this.#settings.shared));
    return caller.promise;
  }

  async putMany(pairs: Iterable<KVPair> | AsyncIterable<KVPair>, { signal, deadline }: KVCallOptions): Promise<void> {
    const toWrite = ({ key, value, ...options }: KVPair, writer: Writer): Write => {
      checkKey(key);
      const write = this.#toPut(key, value, options, writer, "never");
      if ("stream" in write.put!.value) {
        throw new KVError("KV_INVALID", `putMany takes no streams; put ${quoteKey(key)} by itself.`, { key });
      }
      return write;
    };
    await this.#addMany(pairs, toWrite, { signal, deadline });
  }

  async deleteMany(keys: Iterable<string> | AsyncIterable<string>, options: KVCallOptions): Promise<void> {
    const toWrite = (key: string, writer: Writer): Write => {
      checkKey(key);
      return this.#toDelete(key, writer, false);
    };
    await this.#addMany(keys, toWrite, options);
  }

  /** The last write of a key that is not confirmed. */
  underWay(key: string): Write | undefined {
    const slot = this.#slots.get(key);
    return slot?.next ?? slot?.current;
  }

  /** Resolves when a write is settled, in whatever way. */
  over(write: Write): Promise<void> {
    return new Promise((resolve) => {
      write.writers.push({ ...BYSTANDER, written: resolve, failed: () => resolve() });
    });
  }

  /** The keys that are being written, as far as they begin with a prefix. */
  keysUnderWay(prefix: string): string[] {
    return [...this.#slots.keys()].filter((key) => key.startsWith(prefix) && this.underWay(key)?.put);
  }

  /** Resolves when no write waits or is under way. */
  drained(): Promise<void> {
    return this.#outstanding.atMost(0);
  }

  get since(): Milliseconds {
    return this.#oldest()?.at ?? Number.POSITIVE_INFINITY;
  }

  need(): Need | undefined {
    const { puts, deletes, alone } = this.#ready;
    if (this.#gathering || puts.size + deletes.size + alone.size === 0) return undefined;
    const full = puts.size >= MAX_BULK_KEYS || deletes.size >= MAX_BULK_KEYS || this.#readyBytes >= this.#batch.maxBytes;
    return full || alone.size > 0 ? "bulk" : "partial";
  }

  go(): void {
    this.#held = false;
    const oldest = this.#oldest()!;
    const kind = oldest.alone ? "alone" : oldest.put ? "puts" : "deletes";
    void this.#write(kind === "alone" ? [this.#take(oldest)] : this.#takeBody(kind), true);
  }

  expire(now: Milliseconds, opens: Milliseconds): Milliseconds {
    if (!this.#held) this.#stats.waits++;
    this.#held = true;
    this.#expire(now, () => outOfBudget(now, opens));
    return this.#nextEnd;
  }

  #toPut(key: string, value: KVValue, options: KVPutOptions, writer: Writer, alone: Alone): Write {
    const now = Date.now();
    const checked = checkPutOptions(key, options, now);
    const known = copied(checkValue(key, value));
    const bytes = "data" in known ? known.bytes : 0;
    const { expirationTtl } = checked;
    const expiration = expirationTtl === undefined ? checked.expiration : Math.floor(now / 1000) + expirationTtl;
    return {
      key,
      put: { value: known, options: checked, ...(expiration !== undefined && { expiration }) },
      alone: alone === "always" || "stream" in known || (alone === "if large" && bytes > ALONE_BYTES),
      bytes: bytes + PAIR_OVERHEAD_BYTES + key.length,
      at: performance.now(),
      writers: [writer],
      refusals: 0,
    };
  }

  #toDelete(key: string, writer: Writer, alone: boolean): Write {
    return { key, alone, bytes: PAIR_OVERHEAD_BYTES + key.length, at: performance.now(), writers: [writer], refusals: 0 };
  }

  /** Adds the writes of a source in whole bodies, two of them ahead of the API, so that memory does not grow with the source. */
  async #addMany<Item>(
    items: Iterable<Item> | AsyncIterable<Item>,
    toWrite: (item: Item, writer: Writer) => Write,
    options: KVCallOptions,
  ): Promise<void> {
    // A text is iterable as well: each of its characters would be a key.
    if (typeof items === "string") {
      throw new KVError("KV_INVALID", "putMany and deleteMany take an array or another iterable, not a string.");
    }
    const all = new ManyWrites(this.#requests, options);
    // It may fail while the source is still being read.
    all.promise.catch(() => {});
    // What is there as a whole is checked as a whole before any of it is sent.
    const writes = Array.isArray(items) ? (items as Item[]).map((item) => toWrite(item, all.writer())) : mapAsync(items, (item) => toWrite(item, all.writer()));
    let part: Write[] = [];
    let bytes = 0;
    for await (const write of writes) {
      if (all.settled) break;
      const added = itemOf(write).bytes + 1;
      if (part.length === MAX_BULK_KEYS || (part.length > 0 && bytes + added > this.#batch.maxBytes)) {
        for (const ready of part.splice(0)) this.#add(ready);
        bytes = 0;
        await this.#outstanding.atMost(MAX_BULK_KEYS);
        await this.#outstandingBytes.atMost(this.#batch.maxBytes);
      }
      part.push(write);
      bytes += added;
    }
    for (const write of part) this.#add(write);
    await all.complete();
  }

  #add(write: Write): void {
    this.#stats.writtenKeys++;
    let slot = this.#slots.get(write.key);
    if (slot === undefined) this.#slots.set(write.key, (slot = { key: write.key, notBefore: 0 }));
    if (slot.next) this.#replace(slot.next, write);
    slot.next = write;
    this.#outstanding.add();
    this.#outstandingBytes.add(write.bytes);
    for (const { end } of write.writers) this.#nextEnd = Math.min(this.#nextEnd, end);
    if (slot.current === undefined) this.#arm(slot);
    for (const { party } of write.writers) if (party.mayLeave) party.onLeave(() => this.#dropUnwanted(slot));
    this.#gather();
  }

  /** Forgets a write that waits, once nobody waits for it. */
  #dropUnwanted(slot: Slot): void {
    const { key, next } = slot;
    if (next === undefined || isWanted(next)) return;
    this.#unready(next);
    this.#later.delete(slot);
    slot.next = undefined;
    if (slot.current === undefined) this.#slots.delete(key);
    for (const writer of next.writers) writer.failed(key, undefined);
    this.#left(next);
  }

  /** What waits is overwritten by what comes later, which answers for both. */
  #replace(before: Write, write: Write): void {
    this.#stats.replacedWrites++;
    before.writers.push(...write.writers);
    write.writers = before.writers;
    this.#unready(before);
    this.#left(before);
  }

  /** The slot's next write is ready now, or when the key's turn comes. */
  #arm(slot: Slot): void {
    const now = performance.now();
    const opens = Math.max(slot.notBefore, this.#pace.opens(slot.key, now));
    if (opens > now) {
      this.#later.add(slot);
      this.#wakeAt(Math.min(opens, this.#nextEnd), now);
    } else {
      const write = slot.next!;
      this.#later.delete(slot);
      this.#readyOf(write).set(write.key, write);
      this.#readyBytes += write.bytes;
    }
  }

  #wakeAt(time: Milliseconds, now: Milliseconds): void {
    if (time >= this.#laterAt) return;
    clearTimeout(this.#laterTimer);
    this.#laterAt = time;
    this.#stats.waits++;
    this.#laterTimer = setTimeout(() => this.#wake(), Math.ceil(time - now) + TURN_GRAIN);
  }

  #wake(): void {
    this.#laterAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    const seconds = Math.max(1, Math.ceil(this.#settings.writeInterval / 1000));
    this.#expire(now, (key) => {
      return new KVRateLimitError(`The key ${quoteKey(key)} may be written once in ${this.#settings.writeInterval} ms, and its turn did not come before the deadline.`, seconds, { key });
    });
    for (const slot of [...this.#later]) this.#arm(slot);
    this.#gate.open();
  }

  #expire(now: Milliseconds, error: (key: string) => KVError): void {
    if (now < this.#nextEnd) return;
    this.#nextEnd = Number.POSITIVE_INFINITY;
    for (const slot of this.#slots.values()) {
      for (const writer of slot.next?.writers ?? []) {
        if (writer.settled) continue;
        if (writer.end <= now) writer.failed(slot.key, error(slot.key));
        else this.#nextEnd = Math.min(this.#nextEnd, writer.end);
      }
      this.#dropUnwanted(slot);
    }
  }

  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    const done = (): void => {
      this.#gathering = false;
      this.#gate.open();
    };
    if (this.#batch.window > 0) setTimeout(done, this.#batch.window);
    else endOfTick(done);
  }

  #oldest(): Write | undefined {
    let oldest: Write | undefined;
    for (const ready of [this.#ready.puts, this.#ready.deletes, this.#ready.alone]) {
      for (const first of ready.values()) {
        if (oldest === undefined || first.at < oldest.at) oldest = first;
        break;
      }
    }
    return oldest;
  }

  #takeBody(kind: "puts" | "deletes"): Write[] {
    const body = new BulkBody(this.#batch.maxBytes);
    const writes: Write[] = [];
    for (const write of this.#ready[kind].values()) {
      if (!body.add(write.key, itemOf(write))) break;
      writes.push(this.#take(write));
    }
    return writes;
  }

  /** Takes a write from where it waits, to send it. */
  #take(write: Write): Write {
    this.#unready(write);
    const slot = this.#slots.get(write.key)!;
    slot.next = undefined;
    slot.current = write;
    this.#pace.spend(write.key, performance.now());
    return write;
  }

  #readyOf(write: Write): Map<string, Write> {
    return write.alone ? this.#ready.alone : write.put ? this.#ready.puts : this.#ready.deletes;
  }

  #unready(write: Write): void {
    const ready = this.#readyOf(write);
    if (ready.get(write.key) === write && ready.delete(write.key)) this.#readyBytes -= write.bytes;
  }

  /** Sends writes in one request. Where the API refuses that as a whole, halves find the culprit. */
  async #write(writes: readonly Write[], admitted: boolean): Promise<void> {
    const terms: WriteTerms = {
      end: lastEnd(writes),
      admitted,
      signal: abandonedSignal(partiesOf(writes)),
      retrying: (until, error) => rejectLate(writes, until, error),
    };
    try {
      if (writes.length === 1) this.#alone(writes[0]!, await this.#sendAlone(writes[0]!, terms));
      else this.#together(writes, await this.#sendTogether(writes, terms));
    } catch (error) {
      if (writes.length > 1 && isRefusal(error)) {
        const half = Math.ceil(writes.length / 2);
        await Promise.all([this.#write(writes.slice(0, half), false), this.#write(writes.slice(half), false)]);
      } else {
        for (const write of writes) this.#fail(write, error);
      }
    }
    if (this.#slots.size > 0) this.#gate.open();
  }

  #sendAlone({ key, put }: Write, terms: WriteTerms): Promise<Outcome> {
    return put ? this.#send.put(key, put.value, stillAhead(put.options), terms) : this.#send.delete(key, terms);
  }

  #sendTogether(writes: readonly Write[], terms: WriteTerms): Promise<ReadonlySet<string>> {
    const body = new BulkBody(Number.POSITIVE_INFINITY);
    for (const write of writes) body.add(write.key, itemOf(write));
    return this.#send.bulk(writes[0]!.put ? "put" : "delete", body, terms);
  }

  #alone(write: Write, outcome: Outcome): void {
    if (outcome === "done") this.#settle(write);
    // Where the caller keeps no pace, the API does.
    else this.#again(write, this.#settings.writeInterval > 0 ? 0 : WRITE_INTERVAL);
  }

  #together(writes: readonly Write[], refused: ReadonlySet<string>): void {
    const wait = backoff(this.#settings.retry, 1 + Math.max(...writes.map(({ refusals }) => refusals)));
    for (const write of writes) {
      if (!refused.has(write.key)) this.#settle(write);
      else if (++write.refusals < this.#settings.retry.attempts) this.#again(write, wait);
      else this.#fail(write, new KVError("KV_API", `The API could not do ${quoteKey(write.key)} in ${write.refusals} attempts.`, { key: write.key }));
    }
  }

  /** Tries a write again at its key's pace, unless a later one has come that will do. */
  #again(write: Write, wait: Milliseconds): void {
    this.#stats.retries++;
    const slot = this.#slots.get(write.key)!;
    const now = performance.now();
    slot.notBefore = Math.max(this.#pace.opensAfterRefusal(write.key, now), now + wait);
    slot.current = undefined;
    if (slot.next) {
      slot.next.writers.unshift(...write.writers);
      this.#left(write);
    } else {
      slot.next = write;
    }
    for (const { end } of slot.next.writers) this.#nextEnd = Math.min(this.#nextEnd, end);
    this.#arm(slot);
  }

  #settle(write: Write): void {
    for (const writer of write.writers) writer.written();
    this.#over(write);
  }

  #fail(write: Write, error: unknown): void {
    const told = errorFor(write, error);
    for (const writer of write.writers) writer.failed(write.key, told);
    this.#over(write);
  }

  #over(write: Write): void {
    this.#left(write);
    const slot = this.#slots.get(write.key)!;
    slot.current = undefined;
    if (slot.next) this.#arm(slot);
    else this.#slots.delete(write.key);
  }

  #left(write: Write): void {
    this.#outstanding.remove();
    this.#outstandingBytes.remove(write.bytes);
  }
}

/** A write may wait, and the caller may use its buffer again. (A Buffer's `slice` makes no copy.) */
function copied(value: WholeValue | StreamedValue): WholeValue | StreamedValue {
  return "data" in value && typeof value.data !== "string" ? { ...value, data: new Uint8Array(value.data) } : value;
}

/** Somebody who watches a write, and for whom it need not happen. */
const BYSTANDER = {
  party: { settled: true, mayLeave: true, onLeave: () => {} } satisfies Party,
  end: Number.POSITIVE_INFINITY,
  settled: true,
};

function itemOf(write: Write): BulkItem {
  const { key, put } = write;
  if (write.item) return write.item;
  const item = put ? toBulkPair(key, put.value as WholeValue, stillAhead(put.options)) : toBulkKey(key);
  // Whether an expiration is still far enough ahead changes while the write waits.
  if (put?.options.expiration === undefined) write.item = item;
  return item;
}

/** An expiration that came too near while the write waited is as near as KV allows. */
function stillAhead(options: CheckedPutOptions): CheckedPutOptions {
  if (options.expiration === undefined || options.expiration - Date.now() / 1000 > MIN_EXPIRATION_TTL_SECONDS) return options;
  const { expiration: _, ...others } = options;
  return { ...others, expirationTtl: MIN_EXPIRATION_TTL_SECONDS };
}

/** Whether the API found fault with what it was sent, and not with who sent it, or when. */
function isRefusal(error: unknown): boolean {
  return error instanceof KVError && (error.status === 400 || error.status === 413 || error.status === 422);
}

function* partiesOf(writes: readonly Write[]): Generator<Party> {
  for (const { writers } of writes) for (const { party } of writers) yield party;
}

function lastEnd(writes: readonly Write[]): Milliseconds {
  let last = 0;
  for (const { writers } of writes) for (const { end } of writers) last = Math.max(last, end);
  return last;
}

function rejectLate(writes: readonly Write[], until: Milliseconds, error: unknown): void {
  for (const write of writes) {
    for (const writer of write.writers) if (writer.end <= until) writer.failed(write.key, errorFor(write, error));
  }
}

async function* mapAsync<Item, Result>(items: Iterable<Item> | AsyncIterable<Item>, map: (item: Item) => Result): AsyncGenerator<Result> {
  for await (const item of items) yield map(item);
}
