/**
 * The writes: the store buffer, from the call of a write until it is confirmed. docs/writes.md has its laws.
 * Writes gather here, keep to the pace of their keys, replace each other, and are sent in bulk.
 * It may touch requests, the budget, those who call, and the seam; it knows no read.
 *
 * @module
 */
import type { Need } from "../budget/budget.ts";
import { Caller } from "../calls/caller.ts";
import { now } from "../time/clock.ts";
import { Cooldowns } from "./cooldowns.ts";
import { Deliveries, LATE_EFFECT } from "./deliveries.ts";
import { KVError, KVRateLimitError } from "../seam/errors.ts";
import { flowOf } from "../seam/flow.ts";
import { BatchWindow } from "../calls/batch-window.ts";
import type { Gate, Lane } from "../budget/gate.ts";
import type { KVPair } from "../contract/kv.ts";
import type { KVCallOptions, KVPutOptions, KVValue, Milliseconds } from "../seam/kv-namespace.ts";
import { MAX_BULK_KEYS } from "../seam/limits.ts";
import { ManyWrites } from "./many-writes.ts";
import { newDelete, newPut } from "./new-write.ts";
import type { Settings } from "../contract/options.ts";
import { PendingCount } from "../time/pending-count.ts";
import { Overtakings, type Overtaking } from "./overtakings.ts";
import { Pace } from "./pace.ts";
import { ReadyWrites } from "./ready-writes.ts";
import { beneath, replace, withdraw } from "./replacements.ts";
import type { Requests } from "../requests/requests.ts";
import type { KVStats } from "../contract/stats.ts";
import { KeyTimers } from "./key-timers.ts";
import { checkKey, quoteKey } from "../seam/validate.ts";
import type { WriteRequests } from "./write-requests.ts";
import { OneWrite, type Keeper, type Write } from "./write.ts";

/** The writes of one key: one under way, and one that waits, replaced by whatever comes later. */
interface Slot {
  readonly key: string;
  current: Write | undefined;
  next: Write | undefined;
  /** When the key may be written again, where the API refused it. */
  notBefore: Milliseconds;
  /** How many look at what is there, and must be answered before it changes. */
  looks: number;
}

/**
 * The writes of one namespace: the store buffer.
 *
 * A write waits in its key's {@link Slot} until the key may be written (one at a time, at the key's
 * pace), then among the ready ones until the gate lets a request in, which takes as many as it can
 * carry. It leaves the slot when the API confirmed it, when it failed for good, or when nobody waits for it.
 */
export class Writes implements Lane, Keeper {
  readonly #requests: Requests;
  readonly #gate: Gate;
  readonly #deliveries: Deliveries;
  readonly #settings: Settings;
  readonly #stats: KVStats;
  readonly #pace: Pace;
  readonly #cooldowns: Cooldowns = new Cooldowns(LATE_EFFECT);
  readonly #slots: Map<string, Slot> = new Map();
  readonly #ready: ReadyWrites;
  /** Slots whose key's turn has not come. */
  readonly #keyTimers: KeyTimers<Slot> = new KeyTimers((slots) => this.#comeToTurn(slots));
  readonly #pending: PendingCount = new PendingCount();
  readonly #pendingBytes: PendingCount = new PendingCount();
  readonly #overtakings: Overtakings = new Overtakings();
  #bytesUnderWay = 0;
  readonly #batchWindow: BatchWindow;
  /** Whether the gate has refused what is next. */
  #held = false;

  constructor(requests: Requests, send: WriteRequests, stats: KVStats) {
    this.#requests = requests;
    this.#gate = requests.gate;
    this.#deliveries = new Deliveries(requests, send, {
      settled: (write) => this.#settle(write),
      failed: (write, error) => this.#fail(write, error),
      again: (write, wait, at) => this.#again(write, wait, at),
      unwanted: (write) => this.#left(write),
      dropped: (write) => this.#over(write),
      sent: (write) => this.#letGo(write),
    });
    this.#settings = requests.settings;
    this.#stats = stats;
    this.#batchWindow = new BatchWindow(this.#settings.batch.window, () => this.#gate.open());
    this.#ready = new ReadyWrites(requests.limits);
    this.#pace = new Pace(requests.limits, this.#settings.writeBurst);
  }

  put(key: string, value: KVValue, options: KVPutOptions): Promise<void> {
    return this.#call(newPut(key, value, options, this.#settings.shared ? "if large" : "always"), options);
  }

  delete(key: string, options: KVCallOptions): Promise<void> {
    return this.#call(newDelete(key, !this.#settings.shared), options);
  }

  /** Deletes a key once a look at what is there is over; reads see the delete from now on. */
  deleteAfter(look: Promise<unknown>, key: string): Promise<void> {
    const slot = this.#slotOf(key);
    slot.looks++;
    const deleted = this.delete(key, {});
    const over = (): void => {
      slot.looks--;
      if (this.#slots.get(key) !== slot || slot.next === undefined || slot.current !== undefined) return;
      this.#arm(slot);
      this.#gate.openSoon();
    };
    look.then(over, over);
    return deleted;
  }

  putMany(pairs: Iterable<KVPair> | AsyncIterable<KVPair>, options: KVCallOptions): Promise<void> {
    const toWrite = ({ key, value, ...others }: KVPair): Write => {
      checkKey(key);
      const write = newPut(key, value, others, "never");
      if (write.isStream) {
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

  /** Resolves when the last write of a key is settled, in whatever way; rejects when the caller stops waiting. */
  async settled(key: string, options: KVCallOptions): Promise<void> {
    const write = this.underWay(key);
    if (write) await new Onlooker(this.#requests, options, write).promise;
  }

  /** The last write of each key that is being written, as far as they begin with a prefix. */
  *allUnderWay(prefix: string): Generator<Write> {
    for (const { key, next, current } of this.#slots.values()) {
      if (key.startsWith(prefix)) yield (next ?? current)!;
    }
  }

  /** For work that deletes what begins with a prefix, and must not undo what is put from now on. */
  overtaking(prefix: string): Overtaking {
    return this.#overtakings.begin(prefix);
  }

  /** Whether such work is under way that deletes what there is of a key. */
  isBeingCleared(key: string): boolean {
    return this.#overtakings.deletes(key, this.underWay(key));
  }

  /** From now on nothing waits for others. */
  hurry(): void {
    this.#batchWindow.hurry();
  }

  /** Resolves when nobody waits for a write. */
  drained(): Promise<void> {
    return this.#pending.atMost(0);
  }

  get since(): Milliseconds {
    return this.#ready.turn;
  }

  need(): Need | undefined {
    // Bodies that are under way are held in memory.
    const busy = this.#bytesUnderWay > 2 * this.#settings.batch.maxBytes;
    return this.#batchWindow.active || busy ? undefined : this.#ready.need();
  }

  go(): void {
    this.#held = false;
    const writes = this.#ready.take();
    const at = now();
    for (const write of writes) this.#start(write, at);
    void this.#deliveries.deliver(writes);
  }

  held(): void {
    if (!this.#held) this.#stats.waits++;
    this.#held = true;
  }

  /** Nobody waits for a write that waits here: what it replaced comes back. */
  drop(write: Write): void {
    const slot = this.#slots.get(write.key)!;
    const { next } = slot;
    const before = withdraw(write);
    this.#cool(write);
    if (next === write) {
      this.#ready.remove(write);
      this.#keyTimers.remove(slot);
      slot.next = before;
      if (slot.current === undefined) this.#goOn(slot);
    }
    write.discard();
    write.over();
    this.#left(write);
    // What the gate waits for may have changed.
    this.#gate.openSoon();
  }

  lateError({ key }: Write): KVError {
    const slot = this.#slots.get(key)!;
    if (slot.current)
      return new KVError("KV_TIMEOUT", "The deadline passed while an earlier write of the key was under way.");
    if (slot.looks > 0)
      return new KVError("KV_TIMEOUT", "The deadline passed while it was being looked up whether the key is there.");
    const at = now();
    if (this.#cooldowns.ends(key, at) > at) {
      return new KVError(
        "KV_TIMEOUT",
        `The deadline passed while an earlier write of the key, which got no answer, could still take effect: the next one waits ${LATE_EFFECT} ms.`,
      );
    }
    if (this.#opens(slot, at) <= at) return this.#gate.lateError(this.need() ?? "full");
    const { writeInterval } = this.#requests.limits;
    const seconds = Math.max(1, Math.ceil(writeInterval / 1000));
    return new KVRateLimitError(
      `The key may be written once in ${writeInterval} ms, and its turn did not come before the deadline.`,
      seconds,
    );
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
    const sink = { add, room: () => this.#room() };
    return all.feed(items, toWrite, this.#requests.limits, sink);
  }

  /** Resolves when no more than a body waits. */
  async #room(): Promise<void> {
    await this.#pending.atMost(MAX_BULK_KEYS);
    await this.#pendingBytes.atMost(this.#settings.batch.maxBytes);
  }

  #add(write: Write): void {
    const { key } = write;
    this.#stats.writtenKeys++;
    this.#overtakings.number(write);
    const slot = this.#slotOf(key);
    write.keeper = this;
    this.#pending.add();
    this.#pendingBytes.add(write.bytes);
    if (slot.next) {
      this.#stats.replacedWrites++;
      this.#ready.remove(slot.next);
      this.#replace(write, slot.next);
    }
    slot.next = write;
    if (slot.current === undefined) this.#arm(slot);
    this.#batchWindow.begin();
  }

  #slotOf(key: string): Slot {
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = { key, current: undefined, next: undefined, notBefore: 0, looks: 0 };
      this.#slots.set(key, slot);
    }
    return slot;
  }

  /** What waits is replaced by what comes later. */
  #replace(write: Write, before: Write): void {
    this.#cool(before);
    for (const gone of replace(write, before)) this.#left(gone);
  }

  /** What a write replaced does not come back any more: it is answered with it. */
  #letGo(write: Write): void {
    for (const gone of beneath(write)) this.#left(gone);
  }

  /** When a slot's next write may be sent. */
  #opens({ key, notBefore, next }: Slot, at: Milliseconds): Milliseconds {
    // An attempt of its own that still takes effect does no harm.
    const cooled = next!.unsureUntil > 0 ? 0 : this.#cooldowns.ends(key, at);
    return Math.max(notBefore, cooled, this.#pace.opens(key, at));
  }

  /** The slot's next write is ready now, or when the key's turn comes. */
  #arm(slot: Slot, at: Milliseconds = now(), again = false): void {
    if (slot.looks > 0) return;
    const opens = this.#opens(slot, at);
    if (opens > at) {
      if (!again) this.#stats.waits++;
      this.#keyTimers.add(slot, opens);
    } else {
      this.#keyTimers.remove(slot);
      this.#ready.add(slot.next!);
    }
  }

  /** Nothing is under way in the slot. */
  #goOn(slot: Slot, at?: Milliseconds): void {
    if (slot.next) this.#arm(slot, at);
    else this.#slots.delete(slot.key);
    // What it had under way may have held up others.
    this.#gate.openSoon();
  }

  #comeToTurn(slots: Slot[]): void {
    const at = now();
    for (const slot of slots) this.#arm(slot, at, true);
    this.#gate.open();
  }

  /** A write leaves where it waits, to be sent. */
  #start(write: Write, at: Milliseconds): void {
    const slot = this.#slots.get(write.key)!;
    slot.next = undefined;
    slot.current = write;
    // A stream may break on its way, as if it had never come.
    if (!write.isStream) this.#letGo(write);
    this.#bytesUnderWay += write.bytes;
    this.#pace.spend(write.key, at);
  }

  /** Tries a write again at its key's pace, unless a later one has come that will do. */
  #again(write: Write, wait: Milliseconds, at: Milliseconds): void {
    this.#stats.retries++;
    const slot = this.#slots.get(write.key)!;
    slot.notBefore = Math.max(this.#pace.opensAfterRefusal(write.key, at), at + wait);
    this.#comeBack(slot, write);
    this.#end(slot, write, at);
  }

  #settle(write: Write): void {
    this.#letGo(write);
    this.#overtakings.confirm(write);
    write.confirm();
    this.#over(write);
  }

  #fail(write: Write, error: unknown): void {
    write.fail(error);
    this.#over(write);
  }

  #over(write: Write): void {
    write.over();
    this.#left(write);
    const slot = this.#slots.get(write.key)!;
    const before = withdraw(write);
    if (before) this.#comeBack(slot, before);
    this.#cool(write);
    this.#end(slot, write);
  }

  /** A write waits again, beneath what has come since. */
  #comeBack(slot: Slot, write: Write): void {
    write.keeper = this;
    if (slot.next === undefined) {
      slot.next = write;
      return;
    }
    let bottom = slot.next;
    while (bottom.replaced) bottom = bottom.replaced;
    this.#replace(bottom, write);
  }

  /** Holds the key of a write until its attempts that were given up can be hoped to have taken effect. */
  #cool({ key, unsureUntil }: Write): void {
    if (unsureUntil === 0) return;
    const at = now();
    if (unsureUntil > at) this.#cooldowns.add(key, unsureUntil, at);
  }

  #end(slot: Slot, write: Write, at?: Milliseconds): void {
    slot.current = undefined;
    this.#bytesUnderWay -= write.bytes;
    this.#goOn(slot, at);
  }

  /** Nobody waits for it, or nobody needs to. */
  #left(write: Write): void {
    if (write.left) return;
    write.left = true;
    this.#pending.remove();
    this.#pendingBytes.remove(write.bytes);
  }
}

/** Somebody who waits until a write is over, and for whom it need not happen. */
class Onlooker extends Caller<void> {
  readonly #key: string;
  readonly #stop: () => void;

  constructor(requests: Requests, options: KVCallOptions, write: Write) {
    super(requests, options);
    this.#key = write.key;
    this.#stop = write.onOver(() => this.resolve());
  }

  protected override leaveAll(): void {
    this.#stop();
  }

  protected override lateError(): unknown {
    const key = this.#key;
    return new KVError("KV_TIMEOUT", `The deadline passed while an earlier write of ${quoteKey(key)} was under way.`, {
      key,
    });
  }
}
