import type { KVCallOptions, Milliseconds } from "@kvplug/core/seam";
import type { Content } from "./content.ts";
import type { Copies } from "./copies.ts";
import { HeldKeys, type Send } from "./held-keys.ts";
import type { PendingWrite, PendingWrites } from "./pending-writes.ts";
import type { UnderWay } from "./under-way.ts";

/** What the order of the writes of a cache matters to. */
interface Parts {
  readonly pending: PendingWrites;
  readonly copies: Copies;
  /** What is derived from what is known: reads, and values that are made. */
  readonly derived: readonly Pick<UnderWay<never>, "overtake" | "overtakePrefix">[];
  /** Tells others that a key was written. */
  readonly publish: (key: string) => void;
}

/**
 * The writes of a cache, and whatever else changes what is known of a key: all of it overtakes what is derived from what
 * was known before.
 */
export class WriteThrough {
  readonly #parts: Parts;
  readonly #held: HeldKeys;

  /** @param maxWait The longest that a write waits for a value of `wrap` that is being stored. */
  constructor(parts: Parts, maxWait: Milliseconds) {
    this.#parts = parts;
    this.#held = new HeldKeys(maxWait);
  }

  /** Whether a write of a key is not sent at once. */
  isHeld(key: string): boolean {
    return this.#held.has(key);
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
      await this.#held.send(key, (waited) => send(waited, write), call);
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
    this.#held.hold(key, storing);
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
}
