import type { Need } from "./budget.ts";
import { Caller } from "./caller.ts";
import { Deliveries } from "./deliveries.ts";
import { KVError, KVRateLimitError } from "./errors.ts";
import { Gathering } from "./gathering.ts";
import { outOfBudget, type Gate, type Lane } from "./gate.ts";
import type { KVPair } from "./kv.ts";
import type { KVCallOptions, KVPutOptions, KVValue, Milliseconds } from "./kv-namespace.ts";
import { MAX_BULK_KEYS } from "./limits.ts";
import { ManyWrites } from "./many-writes.ts";
import { newDelete, newPut } from "./new-write.ts";
import type { Settings } from "./options.ts";
import { Outstanding } from "./outstanding.ts";
import { Pace } from "./pace.ts";
import { ReadyWrites } from "./ready-writes.ts";
import type { Requests } from "./request.ts";
import type { KVStats } from "./stats.ts";
import { Turns } from "./turns.ts";
import { checkKey, quoteKey } from "./validate.ts";
import type { WriteRequests } from "./write-requests.ts";
import { bystander, errorFor, isWanted, OneWrite, type Write } from "./write.ts";

/** The writes of one key: one under way, and one that waits, overwritten by whatever comes later. */
interface Slot {
  readonly key: string;
  current: Write | undefined;
  next: Write | undefined;
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
  readonly #deliveries: Deliveries;
  readonly #settings: Settings;
  readonly #stats: KVStats;
  readonly #pace: Pace;
  readonly #slots: Map<string, Slot> = new Map();
  readonly #ready: ReadyWrites;
  /** Slots whose key's turn has not come. */
  readonly #turns: Turns<Slot> = new Turns((slots) => this.#comeToTurn(slots));
  readonly #outstanding: Outstanding = new Outstanding();
  readonly #outstandingBytes: Outstanding = new Outstanding();
  #bytesUnderWay = 0;
  readonly #gathering: Gathering;
  /** Whether the gate has refused what is next. */
  #held = false;
  /** Nothing that waits has an earlier deadline. */
  #nextEnd: Milliseconds = Number.POSITIVE_INFINITY;

  constructor(requests: Requests, send: WriteRequests, stats: KVStats) {
    this.#requests = requests;
    this.#gate = requests.gate;
    this.#deliveries = new Deliveries(requests, send, {
      settled: (write) => this.#settle(write),
      failed: (write, error) => this.#fail(write, error),
      again: (write, wait) => this.#again(write, wait),
    });
    this.#settings = requests.settings;
    this.#stats = stats;
    this.#gathering = new Gathering(this.#settings.batch.window, () => this.#gate.open());
    this.#ready = new ReadyWrites(requests.limits);
    this.#pace = new Pace(requests.limits, this.#settings.writeBurst);
  }

  put(key: string, value: KVValue, options: KVPutOptions): Promise<void> {
    return this.#call(newPut(key, value, options, this.#settings.shared ? "if large" : "always"), options);
  }

  delete(key: string, options: KVCallOptions): Promise<void> {
    return this.#call(newDelete(key, !this.#settings.shared), options);
  }

  putMany(pairs: Iterable<KVPair> | AsyncIterable<KVPair>, options: KVCallOptions): Promise<void> {
    const toWrite = ({ key, value, ...others }: KVPair): Write => {
      checkKey(key);
      const write = newPut(key, value, others, "never");
      if ("stream" in write.put!.value) {
        throw new KVError("KV_INVALID", `putMany takes no streams; put ${quoteKey(key)} by itself.`, { key });
      }
      return write;
    };
    return this.#callMany(pairs, toWrite, options);
  }

  deleteMany(keys: Iterable<string> | AsyncIterable<string>, options: KVCallOptions): Promise<void> {
    const toWrite = (key: string): Write => {
      checkKey(key);
      return newDelete(key, false);
    };
    return this.#callMany(keys, toWrite, options);
  }

  /** The last write of a key that is not confirmed. */
  underWay(key: string): Write | undefined {
    const slot = this.#slots.get(key);
    return slot?.next ?? slot?.current;
  }

  /** Resolves when a write is settled, in whatever way; rejects when the caller stops waiting. */
  over(write: Write, options: KVCallOptions): Promise<void> {
    const caller = new Caller<void>(this.#requests, options);
    write.writers.push(bystander(() => caller.resolve()));
    return caller.promise;
  }

  /** The keys that are being written, as far as they begin with a prefix. */
  keysUnderWay(prefix: string): string[] {
    return [...this.#slots.keys()].filter((key) => key.startsWith(prefix) && this.underWay(key)?.put);
  }

  /** From now on nothing waits for others. */
  hurry(): void {
    this.#gathering.hurry();
  }

  /** Resolves when no write waits or is under way. */
  drained(): Promise<void> {
    return this.#outstanding.atMost(0);
  }

  get since(): Milliseconds {
    return this.#ready.oldest()?.at ?? Number.POSITIVE_INFINITY;
  }

  need(): Need | undefined {
    // Bodies that are under way are held in memory.
    const busy = this.#bytesUnderWay > 2 * this.#settings.batch.maxBytes;
    return this.#gathering.active || busy ? undefined : this.#ready.need();
  }

  go(): void {
    this.#held = false;
    const writes = this.#ready.take();
    const now = performance.now();
    for (const write of writes) this.#start(write, now);
    void this.#deliver(writes);
  }

  expire(now: Milliseconds, opens: Milliseconds): Milliseconds {
    if (!this.#held) this.#stats.waits++;
    this.#held = true;
    this.#expire(now, () => outOfBudget(now, opens));
    return this.#nextEnd;
  }

  #call(write: Write, options: KVCallOptions): Promise<void> {
    const caller = new OneWrite(this.#requests, options);
    write.writers = [caller];
    const slot = this.#add(write);
    if (caller.mayLeave) caller.onLeave(() => this.#leave([slot]));
    return caller.promise;
  }

  #callMany<Item>(
    items: Iterable<Item> | AsyncIterable<Item>,
    toWrite: (item: Item) => Write,
    options: KVCallOptions,
  ): Promise<void> {
    const all = new ManyWrites(this.#requests, options);
    // One listener for all, however many they are.
    if (all.mayLeave) all.onLeave(() => this.#leave(this.#slots.values()));
    const sink = { add: (write: Write) => void this.#add(write), room: () => this.#room() };
    return all.feed(items, toWrite, this.#requests.limits, sink);
  }

  /** Resolves when no more than a body waits. */
  async #room(): Promise<void> {
    await this.#outstanding.atMost(MAX_BULK_KEYS);
    await this.#outstandingBytes.atMost(this.#settings.batch.maxBytes);
  }

  #add(write: Write): Slot {
    this.#stats.writtenKeys++;
    let slot = this.#slots.get(write.key);
    if (slot === undefined)
      this.#slots.set(write.key, (slot = { key: write.key, current: undefined, next: undefined, notBefore: 0 }));
    for (const { end } of write.writers) this.#nextEnd = Math.min(this.#nextEnd, end);
    if (slot.next) this.#replace(slot.next, write);
    slot.next = write;
    this.#outstanding.add();
    this.#outstandingBytes.add(write.bytes);
    if (slot.current === undefined) this.#arm(slot);
    this.#gathering.begin();
    return slot;
  }

  #leave(slots: Iterable<Slot>): void {
    for (const slot of slots) this.#dropUnwanted(slot);
    // The gate may have nothing left to wait for.
    this.#gate.open();
  }

  /** Forgets a write that waits, once nobody waits for it. */
  #dropUnwanted(slot: Slot): void {
    const { key, next } = slot;
    if (next === undefined || isWanted(next)) return;
    this.#ready.remove(next);
    this.#turns.remove(slot);
    slot.next = undefined;
    if (slot.current === undefined) this.#slots.delete(key);
    for (const writer of next.writers) writer.failed(key, undefined);
    discard(next);
    this.#left(next);
  }

  /** What waits is overwritten by what comes later, which answers for both. */
  #replace(before: Write, write: Write): void {
    this.#stats.replacedWrites++;
    for (const writer of write.writers) before.writers.push(writer);
    write.writers = before.writers;
    this.#ready.remove(before);
    discard(before);
    this.#left(before);
  }

  /** The slot's next write is ready now, or when the key's turn comes. */
  #arm(slot: Slot, again = false): void {
    const now = performance.now();
    const opens = Math.max(slot.notBefore, this.#pace.opens(slot.key, now));
    if (opens > now) {
      if (!again) this.#stats.waits++;
      this.#turns.add(slot, Math.min(opens, this.#nextEnd));
    } else {
      this.#turns.remove(slot);
      this.#ready.add(slot.next!);
    }
  }

  #comeToTurn(slots: Slot[]): void {
    const { writeInterval } = this.#requests.limits;
    const seconds = Math.max(1, Math.ceil(writeInterval / 1000));
    this.#expire(performance.now(), (key) => {
      const message = `The key ${quoteKey(key)} may be written once in ${writeInterval} ms, and its turn did not come before the deadline.`;
      return new KVRateLimitError(message, seconds, { key });
    });
    for (const slot of slots) if (slot.next) this.#arm(slot, true);
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

  /** A write leaves where it waits, to be sent. */
  #start(write: Write, now: Milliseconds): void {
    const slot = this.#slots.get(write.key)!;
    slot.next = undefined;
    slot.current = write;
    this.#bytesUnderWay += write.bytes;
    this.#pace.spend(write.key, now);
  }

  async #deliver(writes: readonly Write[]): Promise<void> {
    await this.#deliveries.deliver(writes, true);
    if (this.#slots.size > 0) this.#gate.open();
  }

  /** Tries a write again at its key's pace, unless a later one has come that will do. */
  #again(write: Write, wait: Milliseconds): void {
    this.#stats.retries++;
    const slot = this.#slots.get(write.key)!;
    const now = performance.now();
    slot.notBefore = Math.max(this.#pace.opensAfterRefusal(write.key, now), now + wait);
    this.#end(slot, write);
    if (slot.next) {
      slot.next.writers = [...write.writers, ...slot.next.writers];
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
    this.#end(slot, write);
    if (slot.next) this.#arm(slot);
    else this.#slots.delete(write.key);
  }

  #end(slot: Slot, write: Write): void {
    slot.current = undefined;
    this.#bytesUnderWay -= write.bytes;
  }

  #left(write: Write): void {
    this.#outstanding.remove();
    this.#outstandingBytes.remove(write.bytes);
  }
}

/** Ends the source of a write that will not be sent. */
function discard({ put }: Write): void {
  if (put && "stream" in put.value) put.value.stream.cancel().catch(() => {});
}
