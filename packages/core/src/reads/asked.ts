import type { Found } from "../seam/decode.ts";
import type { KVError } from "../seam/errors.ts";
import type { Flow } from "../seam/flow.ts";
import type { LinkedList } from "../calls/linked-list.ts";
import type { Milliseconds, Seconds } from "../seam/kv-namespace.ts";
import type { InTurn } from "../calls/fair-queue.ts";
import { Waiters, type Waiter } from "../calls/waiters.ts";
import type { Wanted } from "./read-requests.ts";

/** The caller of a read, as the keys see it: a `get` of one key, or of many. */
export interface Reader extends Waiter {
  /** When it was called, on the clock of `now()`. */
  readonly at: Milliseconds;
  /** Whether it wants only what is under way by now. */
  readonly withdrawn: boolean;
  /** Whether it only passes on what it gets, which others may have too. */
  readonly asIs: boolean;
  /** It waits for a key. */
  asks(asked: Asked): void;
  found(asked: Asked, found: Found | null): void;
  failed(asked: Asked, error: unknown): void;
}

/** What holds a key that is to be read: the lane while it waits, then the batch that asks for it. */
export interface Keeper {
  /** Whether the key is on its way to the API now. */
  readonly isSent: boolean;
  /** What the last attempt to read the key failed with, if there was one. */
  readonly lastError: KVError | undefined;
  /** No caller waits for it any more. */
  drop(asked: Asked): void;
  /** Returns why it has not been read at a caller's deadline. */
  lateError(deadline: Milliseconds): KVError;
}

/** A key that is to be read, for all callers that asked for it. */
export class Asked extends Waiters<Reader> implements Wanted, InTurn<Asked> {
  readonly key: string;
  metadata: boolean;
  bytes: boolean;
  binary: boolean;
  expiration: boolean;
  cacheTtl: Seconds | undefined;
  /** Of those who ask for it in flows, the one whose turns come soonest; none, where somebody asks in none. */
  flow: Flow | undefined;
  /** None once it has its answer. */
  keeper: Keeper | undefined;
  before: Asked | undefined = undefined;
  after: Asked | undefined = undefined;
  list: LinkedList<Asked> | undefined = undefined;
  turn: Milliseconds = 0;

  constructor(wanted: Wanted, keeper: Keeper) {
    super();
    const { key, metadata, bytes, binary = false, expiration = false, cacheTtl, flow } = wanted;
    this.key = key;
    this.metadata = metadata;
    this.bytes = bytes;
    this.binary = binary;
    this.expiration = expiration;
    this.cacheTtl = cacheTtl;
    this.flow = flow;
    this.keeper = keeper;
  }

  override join(reader: Reader): void {
    super.join(reader);
    reader.asks(this);
  }

  protected override onEmpty(): void {
    this.keeper!.drop(this);
  }

  /** Whether nobody waits for it who would have it sent again. */
  get isWithdrawn(): boolean {
    return this.every(({ withdrawn }) => withdrawn);
  }

  /** Answers all readers: each with its own copy, and those who only pass it on with one for all of them. */
  settle(found: Found | null): void {
    let isTaken = false;
    let shared: Found | null | undefined;
    for (const reader of this.take()) {
      const own = reader.asIs && shared ? shared : isTaken && found ? copyOf(found) : found;
      if (reader.asIs) shared = own;
      isTaken = true;
      reader.found(this, own);
    }
  }

  fail(error: unknown): void {
    for (const reader of this.take()) reader.failed(this, error);
  }
}

function copyOf({ value, metadata, ...found }: Found): Found {
  return { ...found, value: typeof value === "string" ? value : value.slice(0), metadata: structuredClone(metadata) };
}
