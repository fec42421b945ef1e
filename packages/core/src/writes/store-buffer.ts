import { beneath, replace, withdraw } from "./replacements.ts";
import type { Gate } from "../budget/gate.ts";
import { KeyTimers } from "./key-timers.ts";
import { KeyTurns } from "./key-turns.ts";
import { deadlinePassed } from "../calls/deadlines.ts";
import type { KVError } from "../seam/errors.ts";
import { newStats, type KVStats } from "../contract/stats.ts";
import { MAX_BULK_KEYS } from "../seam/limits.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import type { Need } from "../budget/budget.ts";
import { now } from "../time/clock.ts";
import type { Outcomes } from "./deliveries.ts";
import { Overtakings, type Overtaking } from "./overtakings.ts";
import { PendingCount } from "../time/pending-count.ts";
import { ReadyWrites } from "./ready-writes.ts";
import type { Requests } from "../requests/requests.ts";
import { Slots } from "./slots.ts";
import type { Keeper, Slot, Write } from "./write.ts";

/**
 * The store buffer of one namespace: its writes, from their calls until they settle.
 *
 * A write waits in its key's {@link Slot} until the key may be written (one at a time, at the key's pace), then among
 * the ready ones until the gate lets a request in, which takes as many as it can carry. It leaves the slot when the API
 * has confirmed it, when it has failed for good, or when no caller waits for it.
 */
export class StoreBuffer implements Keeper, Outcomes {
  readonly #gate: Gate;
  readonly #maxBodyBytes: number;
  #stats: KVStats = newStats();
  readonly #turns: KeyTurns;
  readonly #slots: Slots = new Slots();
  readonly #ready: ReadyWrites;
  /** Slots whose key's turn has not come. */
  readonly #keyTimers: KeyTimers<Slot> = new KeyTimers((slots) => this.#comeToTurn(slots));
  readonly #pending: PendingCount = new PendingCount();
  readonly #pendingBytes: PendingCount = new PendingCount();
  readonly #overtakings: Overtakings = new Overtakings();
  #bytesUnderWay = 0;

  constructor({ gate, limits, settings }: Requests) {
    this.#gate = gate;
    this.#maxBodyBytes = settings.batch.maxBytes;
    this.#ready = new ReadyWrites(limits);
    this.#turns = new KeyTurns(limits, settings.writeBurst);
  }

  /** Counts in these from now on: a buffer outlives the namespace that was opened first. */
  countIn(stats: KVStats): void {
    this.#stats = stats;
  }

  /** Whether nothing is on the wire, and no key has to wait for what was. */
  get isIdle(): boolean {
    return this.#slots.none && this.#turns.areFree(now());
  }

  /** The last write of a key that is not confirmed. */
  last(key: string): Write | undefined {
    return this.#slots.last(key);
  }

  /** The last write of each key that is being written, as far as they begin with a prefix. */
  lastOfEach(prefix: string): Generator<Write> {
    return this.#slots.lastOfEach(prefix);
  }

  /** The keys with a prefix that an abandoned put may still bring, of the first so many writes. */
  abandonedPuts(prefix: string, count: number): Iterable<string> {
    return this.#turns.abandonedPuts(prefix, count);
  }

  /** How many writes there have been. */
  get count(): number {
    return this.#overtakings.count;
  }

  /** Begins work that deletes all keys with a prefix, and must not undo later puts. */
  overtaking(prefix: string): Overtaking {
    return this.#overtakings.begin(prefix);
  }

  /** Whether such work is under way that deletes what there is of a key. */
  isBeingCleared(key: string): boolean {
    return this.#overtakings.deletes(key, this.last(key));
  }

  /** When the first write has its turn that may be sent. */
  get since(): Milliseconds {
    return this.#ready.turn;
  }

  /** What the next request would gain by waiting; `undefined` if none is ready, or enough bodies are in memory. */
  need(): Need | undefined {
    // Bodies that are under way are held in memory.
    return this.#bytesUnderWay > 2 * this.#maxBodyBytes ? undefined : this.#ready.need();
  }

  /** Resolves when at most one body waits. */
  async room(): Promise<void> {
    await this.#pending.atMost(MAX_BULK_KEYS);
    await this.#pendingBytes.atMost(this.#maxBodyBytes);
  }

  /** Resolves when no caller waits for a write. */
  drained(): Promise<void> {
    return this.#pending.atMost(0);
  }

  add(write: Write): void {
    const { key } = write;
    this.#overtakings.number(write);
    const slot = this.#slots.open(key);
    write.slot = slot;
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
  }

  /** Holds the writes of a key back until a look-up of it is over. */
  holdBack(key: string, look: Promise<unknown>): void {
    const slot = this.#slots.open(key);
    slot.looks++;
    const over = (): void => {
      slot.looks--;
      if (this.#slots.get(key) !== slot || slot.next === undefined || slot.current !== undefined) return;
      this.#arm(slot);
      this.#gate.openSoon();
    };
    look.then(over, over);
  }

  /** Takes the writes of the next request out of the buffer. */
  take(): Write[] {
    const writes = this.#ready.take();
    const at = now();
    for (const write of writes) this.#start(write, at);
    return writes;
  }

  /** No caller waits for a write that waits here: what it replaced comes back. */
  drop(write: Write): void {
    const slot = write.slot!;
    const { next } = slot;
    const before = withdraw(write);
    this.#turns.cool(write);
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

  lateError({ slot }: Write, deadline: Milliseconds): KVError {
    if (slot!.current) return deadlinePassed(deadline, "while an earlier write of the key was under way.");
    if (slot!.looks > 0) return deadlinePassed(deadline, "while checking whether the key exists.");
    return this.#turns.lateError(slot!, deadline) ?? this.#gate.lateError(deadline, this.need());
  }

  settled(write: Write, at: Milliseconds): void {
    this.#letGo(write);
    this.#overtakings.confirm(write);
    write.confirm();
    this.#over(write, at, true);
  }

  failed(write: Write, error: unknown, at: Milliseconds): void {
    write.fail(error);
    this.#over(write, at);
  }

  dropped(write: Write): void {
    this.#over(write);
  }

  unwanted(write: Write): void {
    this.#left(write);
  }

  sent(write: Write): void {
    this.#letGo(write);
  }

  /** Sends a write again that the API refused (a 429 for its key, or a bulk's `unsuccessful_keys`), at its key's pace; a later write may replace it first. */
  again(write: Write, wait: Milliseconds, at: Milliseconds): void {
    this.#stats.retries++;
    const slot = write.slot!;
    slot.notBefore = Math.max(this.#turns.opensAfterRefusal(write.key, at), at + wait);
    this.#comeBack(slot, write);
    this.#end(slot, write, at);
  }

  /** A later write replaces one that waits. */
  #replace(write: Write, before: Write): void {
    this.#turns.cool(before);
    for (const gone of replace(write, before)) this.#left(gone);
  }

  /** What a write replaced does not come back any more: it is answered with it. */
  #letGo(write: Write): void {
    for (const gone of beneath(write)) this.#left(gone);
  }

  /** The slot's next write is ready now, or when the key's turn comes. */
  #arm(slot: Slot, at: Milliseconds = now(), again = false): void {
    if (slot.looks > 0) return;
    const opens = this.#turns.opens(slot, at);
    if (opens > at) {
      if (!again) this.#stats.waits++;
      this.#keyTimers.add(slot, opens);
    } else {
      this.#keyTimers.remove(slot);
      const write = slot.next!;
      this.#ready.add(write, this.#gate.turnsFrom(write.at));
    }
  }

  /** Nothing is under way in the slot. */
  #goOn(slot: Slot, at?: Milliseconds): void {
    if (slot.next) this.#arm(slot, at);
    else this.#slots.close(slot);
    // What it had under way may have held up others.
    this.#gate.openSoon();
  }

  #comeToTurn(slots: Slot[]): void {
    const at = now();
    for (const slot of slots) this.#arm(slot, at, true);
    this.#gate.open();
  }

  /** A write leaves its place to be sent. */
  #start(write: Write, at: Milliseconds): void {
    const slot = write.slot!;
    slot.next = undefined;
    slot.current = write;
    // A stream may break on its way, as if it had never come.
    if (!write.isStream) this.#letGo(write);
    this.#bytesUnderWay += write.bytes;
    this.#turns.spend(write.key, at);
  }

  /** A write waits again, beneath later ones. */
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

  #end(slot: Slot, write: Write, at?: Milliseconds): void {
    slot.current = undefined;
    this.#bytesUnderWay -= write.bytes;
    this.#goOn(slot, at);
  }

  /** A write is settled, or will not be sent. */
  #over(write: Write, at?: Milliseconds, confirmed = false): void {
    write.over(confirmed);
    this.#left(write);
    const slot = write.slot!;
    const before = withdraw(write);
    if (before) this.#comeBack(slot, before);
    this.#turns.cool(write);
    this.#end(slot, write, at);
  }

  /** No caller waits for it, or has to. */
  #left(write: Write): void {
    if (write.left) return;
    write.left = true;
    this.#pending.remove();
    this.#pendingBytes.remove(write.bytes);
  }
}
