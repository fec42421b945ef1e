import { aboutKey } from "../seam/about-key.ts";
import { Caller } from "../calls/caller.ts";
import type { KVError } from "../seam/errors.ts";
import type { InTurn } from "../calls/fair-queue.ts";
import type { Flow } from "../seam/flow.ts";
import type { LinkedList } from "../calls/linked-list.ts";
import type { Milliseconds, UnixSeconds } from "../seam/kv-namespace.ts";
import type { KVPresent } from "../seam/presence.ts";
import type { Found } from "../seam/decode.ts";
import type { CheckedPutOptions } from "../seam/put-options.ts";
import type { StreamedValue, WholeValue } from "../seam/value.ts";
import { Waiters, type Waiter } from "../calls/waiters.ts";

/** Waits for a write to be confirmed, and is answered once. */
export interface Writer extends Waiter {
  /** Whether it may stop waiting before its end. */
  readonly mayAbort: boolean;
  /** Where it waits; it is removed there before it is answered. */
  writers: Writers | undefined;
  written(key: string): void;
  failed(key: string, error: unknown): void;
}

/** Who waits for a write: its own caller, and those whose writes it replaced for good. */
export class Writers extends Waiters<Writer> {
  write: Write;

  constructor(write: Write) {
    super();
    this.write = write;
  }

  /** Whether one of them may stop waiting before its end. */
  mayAbort = false;

  override join(writer: Writer): void {
    writer.writers = this;
    this.mayAbort ||= writer.mayAbort;
    super.join(writer);
  }

  override take(): Writer[] {
    const all = super.take();
    for (const writer of all) writer.writers = undefined;
    return all;
  }

  protected override onEmpty(): void {
    this.write.keeper!.drop(this.write);
  }
}

/** The keeper of a write: the store buffer while it waits, then the delivery that sends it. */
export interface Keeper {
  /** No caller waits for it any more. */
  drop(write: Write): void;
  /** Returns why it is not confirmed at a caller's deadline. */
  lateError(write: Write, deadline: Milliseconds): KVError;
}

/** What a `put` writes. */
interface Put {
  readonly value: WholeValue | StreamedValue;
  readonly options: CheckedPutOptions;
  readonly expiration?: UnixSeconds;
}

/** The writes of one key: one under way, and one that waits, replaced by whatever comes later. */
export interface Slot {
  readonly key: string;
  current: Write | undefined;
  next: Write | undefined;
  /** When the key may be written again, if the API refused it. */
  notBefore: Milliseconds;
  /** How many look-ups of the key must end before it is written. */
  looks: number;
}

/** A pair of a bulk write, or a key of a bulk delete, as it is sent. */
export interface BulkItem {
  readonly json: string;
  /** The length of `json` in bytes of UTF-8. */
  readonly bytes: number;
}

/**
 * A write of one key, from the call until it is settled. There may be a great many: each has all of its fields from
 * the start, which takes the least memory.
 */
export class Write implements InTurn<Write> {
  readonly key: string;
  /** What to write; `undefined` for a delete. */
  readonly put: Put | undefined;
  /** Whether it takes a request of its own. */
  readonly alone: boolean;
  /** Roughly how much it adds to a body. */
  readonly bytes: number;
  /** When it was called, on the clock of `now()`. */
  readonly at: Milliseconds;
  /** Its place among all writes of the namespace, by their calls. */
  order = 0;
  /** Where it is until it is settled, once it is in the store buffer. */
  slot: Slot | undefined = undefined;
  writers: Writers = new Writers(this);
  keeper: Keeper | undefined = undefined;
  /** The waiting write that it replaced, for as long as that may have to come back. */
  replaced: Write | undefined = undefined;
  /** The write that replaced this one, and may give it back. */
  replacement: Write | undefined = undefined;
  /** In which it has its turn. */
  flow: Flow | undefined = undefined;
  /** How often the API could not do it. */
  refusals = 0;
  /** Until when an abandoned attempt may still take effect. */
  unsureUntil: Milliseconds = 0;
  /** Whether it counts no more among those that somebody waits for. */
  left = false;
  /** The write as a body contains it, once that is computed. */
  item: BulkItem | undefined = undefined;
  before: Write | undefined = undefined;
  after: Write | undefined = undefined;
  list: LinkedList<Write> | undefined = undefined;
  turn: Milliseconds = 0;
  #onOver: Set<(confirmed: boolean) => void> | undefined = undefined;

  constructor(key: string, put: Put | undefined, alone: boolean, bytes: number, at: Milliseconds) {
    this.key = key;
    this.put = put;
    this.alone = alone;
    this.bytes = bytes;
    this.at = at;
  }

  /** Whether anybody still waits for it. */
  get isWanted(): boolean {
    return !this.writers.isEmpty;
  }

  /** Whether its value is a stream, which can be sent once, and may break. */
  get isStream(): boolean {
    return this.put !== undefined && "stream" in this.put.value;
  }

  /** Tells its waiters that it is written. */
  confirm(): void {
    for (const writer of this.writers.take()) writer.written(this.key);
  }

  /** Tells its waiters that it failed. */
  fail(error: unknown): void {
    const told = aboutKey(error, this.key, this.put ? "put" : "delete");
    for (const writer of this.writers.take()) writer.failed(this.key, told);
  }

  /** Calls back when it is settled, with whether it was confirmed; the result takes that back. */
  onOver(listener: (confirmed: boolean) => void): () => void {
    (this.#onOver ??= new Set()).add(listener);
    return () => this.#onOver?.delete(listener);
  }

  /** It is settled, or another write has taken its place for good. */
  over(confirmed = false): void {
    if (this.#onOver === undefined) return;
    for (const listener of this.#onOver) listener(confirmed);
    this.#onOver = undefined;
  }

  /** Ends the source of a write that will not be sent. */
  discard(): void {
    if (this.put && "stream" in this.put.value) this.put.value.stream.cancel().catch(() => {});
  }
}

/** Returns what a read finds of an unconfirmed write; `undefined` for a stream, which only the API can answer. */
export function foundIn(write: Write): Found | null | undefined {
  const { put } = write;
  if (put === undefined) return null;
  if (!("data" in put.value)) return undefined;
  const { data } = put.value;
  // A copy: the bytes that are sent are nobody else's.
  const value = typeof data === "string" ? data : new Uint8Array(data).buffer;
  return { value, metadata: null, ...presentIn(write) };
}

/** What a write leaves that is not confirmed, without its value. */
export function presentIn({ put }: Write): KVPresent | null {
  if (put === undefined) return null;
  const { options, expiration } = put;
  return {
    metadata: options.metadata === undefined ? null : JSON.parse(options.metadata),
    ...(expiration !== undefined && { expiration }),
  };
}

/** The caller of one write. */
export class OneWrite extends Caller<void> implements Writer {
  writers: Writers | undefined = undefined;

  written(): void {
    this.resolve();
  }

  failed(_key: string, error: unknown): void {
    this.reject(error);
  }

  protected override leaveAll(): void {
    this.writers?.leave(this);
  }

  protected override lateError(): unknown {
    return lateErrorOf(this);
  }
}

/** Why a writer's deadline passed before its write was confirmed. */
export function lateErrorOf({ writers, deadline }: Writer): unknown {
  const { write } = writers!;
  return aboutKey(write.keeper!.lateError(write, deadline), write.key, write.put ? "put" : "delete");
}
