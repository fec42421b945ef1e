import { KVError, quoteKey, type KVCallOptions, type Milliseconds } from "@kvplug/core/seam";
import { now } from "./clock.ts";
import type { Content } from "./content.ts";
import type { Copies } from "./copies.ts";
import type { PendingWrite, PendingWrites } from "./pending-writes.ts";
import type { UnderWay } from "./under-way.ts";
import { LATE, within } from "./waiting.ts";

/** What the order of the writes of a cache matters to. */
interface Parts {
  readonly pending: PendingWrites;
  readonly copies: Copies;
  /** What is derived from what is known: reads, and values that are made. */
  readonly derived: readonly Pick<UnderWay<never>, "overtake" | "overtakePrefix">[];
  /** Tells others that a key was written. */
  readonly publish: (key: string) => void;
}

/** Hands a write to the backend. @param waited How long it had to wait. */
export type Send = (waited: Milliseconds) => Promise<void>;

/** A value of `wrap` that is being stored, or another write that may not have been sent yet. */
interface Store {
  readonly stored: Promise<unknown>;
  isStored: boolean;
  /** Until when writes of the key wait for it. */
  readonly endsAt: Milliseconds;
  /** How many writes have come, and how many of them wait. */
  came: number;
  waiting: number;
}

/** By then, timers have fired. */
const MOST_LATE: Milliseconds = 1000;

/**
 * The writes of a cache, and whatever else changes what is known of a key: all of it overtakes what is derived from what
 * was known before.
 */
export class WriteThrough {
  readonly #parts: Parts;
  readonly #maxWait: Milliseconds;
  readonly #stores: Map<string, Store> = new Map();

  /** @param maxWait The longest that a write waits for a value of `wrap` that is being stored. */
  constructor(parts: Parts, maxWait: Milliseconds) {
    this.#parts = parts;
    this.#maxWait = maxWait;
  }

  /** Whether a write of a key is not sent at once. */
  isHeld(key: string): boolean {
    return this.#stores.size > 0 && this.#stores.has(key);
  }

  /**
   * Writes: reads see it at once, and the copy changes when the backend confirmed it.
   *
   * @param content What it leaves, where that is known.
   */
  write(key: string, content: Content | undefined, send: Send, call: KVCallOptions = {}): Promise<void> {
    return this.#write(key, content, false, send, call);
  }

  async #write(
    key: string,
    content: Content | undefined,
    isDerived: boolean,
    send: (waited: Milliseconds, write: PendingWrite) => Promise<void>,
    call: KVCallOptions,
  ): Promise<void> {
    const { pending, copies, publish } = this.#parts;
    const write = pending.begin(key, content, isDerived);
    this.#overtake(key);
    // What a stream holds is not known here: until it is confirmed, only the backend can tell.
    if (content === undefined) copies.drop(key);
    try {
      await this.#send(key, (waited) => send(waited, write), call);
    } catch (error) {
      pending.fail(write);
      this.#overtake(key);
      // It may have taken effect all the same.
      copies.dropRead(key);
      publish(key);
      throw error;
    }
    const isLatest = pending.confirm(write);
    this.#overtake(key);
    if (isLatest) {
      if (content === undefined || write.overtaken) copies.drop(key);
      else copies.keepWritten(key, content);
    }
    publish(key);
  }

  /** Stores a value that `wrap` made, as {@link write} does. Writes of the key that come later wait for it. */
  store(key: string, content: Content, send: Send): Promise<void> {
    // It may have had to wait itself, and have been overtaken meanwhile.
    const sendUnlessOvertaken = async (waited: Milliseconds, write: PendingWrite): Promise<void> => {
      if (!write.overtaken) await send(waited);
    };
    return this.#hold(key, this.#write(key, content, true, sendUnlessOvertaken, {}));
  }

  /** As {@link write}, of what is not sent in this turn. Writes of the key that come later wait for it. */
  writeLate(key: string, content: Content | undefined, send: Send, call: KVCallOptions): Promise<void> {
    return this.#hold(key, this.#write(key, content, false, send, call));
  }

  #hold(key: string, storing: Promise<void>): Promise<void> {
    const over = (): void => {
      store.isStored = true;
      this.#release(key, store);
    };
    const store: Store = {
      stored: storing.then(over, over),
      isStored: false,
      endsAt: now() + this.#maxWait,
      came: 0,
      waiting: 0,
    };
    this.#stores.set(key, store);
    return storing;
  }

  /** Forgets what is known of a key; the next read asks the backend. */
  forget(key: string): void {
    this.#overtake(key);
    this.#parts.pending.forget(key);
    this.#parts.copies.drop(key);
  }

  forgetPrefix(prefix: string): void {
    for (const one of this.#parts.derived) one.overtakePrefix(prefix);
    this.#parts.pending.forgetPrefix(prefix);
    this.#parts.copies.dropPrefix(prefix);
  }

  /** Nothing of what is derived is kept or stored any more. */
  overtakeAll(): void {
    for (const one of this.#parts.derived) one.overtakePrefix("");
  }

  #overtake(key: string): void {
    for (const one of this.#parts.derived) one.overtake(key);
  }

  /**
   * Sends a write, after the one that is being stored: a backend may not keep the order of writes, as a
   * Worker's does not, and then the older one would undo the newer.
   */
  async #send(key: string, send: Send, { signal, deadline = Infinity }: KVCallOptions): Promise<void> {
    const store = this.#stores.size === 0 ? undefined : this.#stores.get(key);
    if (store === undefined) return send(0);
    const late = now() - store.endsAt;
    if (late > MOST_LATE) {
      this.#stores.delete(key);
      return send(0);
    }
    // Each a moment later than the one before it: they go in the order of their calls.
    const left = Math.max(0, store.came++ - late);
    store.waiting++;
    const begunAt = now();
    let sent: Promise<void>;
    try {
      const outcome = await within(Math.min(left, deadline), store.stored, signal).catch((error: unknown) => {
        // Else it is a Worker's, which says that it will never settle: its request has ended.
        if (signal?.aborted) throw error;
      });
      if (outcome === LATE && deadline < left) {
        const message = `The deadline of ${deadline} ms passed while the write of ${quoteKey(key)} waited for wrap to store a value. It was not sent.`;
        throw new KVError("KV_TIMEOUT", message, { key });
      }
      sent = send(now() - begunAt);
    } finally {
      store.waiting--;
      this.#release(key, store);
    }
    return sent;
  }

  /** Lets writes go at once again, when nobody waits whom they would overtake. */
  #release(key: string, store: Store): void {
    if (store.isStored && store.waiting === 0 && this.#stores.get(key) === store) this.#stores.delete(key);
  }
}
