import { KVError, quoteKey, type KVCallOptions, type Milliseconds } from "@kvplug/core/seam";
import { now } from "./clock.ts";
import { inWorker } from "./platform.ts";
import { LATE, within } from "./waiting.ts";

/** Hands a write to the backend. @param waited How long it had to wait. */
export type Send = (waited: Milliseconds) => Promise<void>;

/** A write that is being stored, or one that waits for it. */
interface Member {
  /** The nearest one before it that may not have left. */
  before: Member | undefined;
  hasLeft: boolean;
  /** How often it has given a sign of life. It gives one in a Worker alone. */
  beats: number;
}

/** The writes of a key, in the order of their calls. The first may not have been sent yet; the others wait for it. */
interface Line {
  last: Member;
  /** How many have not left. */
  size: number;
  readonly stored: Promise<unknown>;
  /** Until when they wait. */
  readonly endsAt: Milliseconds;
  /** How many have come after the first. */
  came: number;
}

/** By then, timers have fired. */
const MOST_LATE: Milliseconds = 1000;

/** In a Worker, how often a write gives a sign of life, and looks for those of the one before it. */
const BEAT: Milliseconds = 10;

/** After so many looks without a sign of life, the request of the one before it has ended. */
const MOST_MISSED = 20;

/**
 * Keys whose value of `wrap` is being stored. Whoever writes one meanwhile goes after it: a backend may not keep the order
 * of writes, as a Worker's does not, and then the older one would undo the newer.
 */
export class HeldKeys {
  readonly #lines: Map<string, Line> = new Map();
  readonly #maxWait: Milliseconds;

  /** @param maxWait The longest that a write waits for what is being stored. */
  constructor(maxWait: Milliseconds) {
    this.#maxWait = maxWait;
  }

  /** Whether a write of a key is not sent at once. */
  has(key: string): boolean {
    return this.#lines.size > 0 && this.#lines.has(key);
  }

  /** Holds a key until its value is stored, or that failed. */
  hold(key: string, storing: Promise<void>): void {
    const first: Member = { before: undefined, hasLeft: false, beats: 0 };
    const beating = inWorker ? setInterval(() => first.beats++, BEAT) : undefined;
    const over = (): void => {
      clearInterval(beating);
      this.#leave(key, line, first);
    };
    const line: Line = {
      last: first,
      size: 1,
      stored: storing.then(over, over),
      endsAt: now() + this.#maxWait,
      came: 0,
    };
    this.#lines.set(key, line);
  }

  /**
   * Sends a write of a key, when it is its turn.
   *
   * @throws {KVError} `KV_TIMEOUT` at the call's deadline, if it still waits; the signal's reason.
   */
  async send(key: string, send: Send, { signal, deadline = Number.POSITIVE_INFINITY }: KVCallOptions): Promise<void> {
    const line = this.#lines.size === 0 ? undefined : this.#lines.get(key);
    if (line === undefined) return send(0);
    const late = now() - line.endsAt;
    if (late > MOST_LATE) {
      this.#lines.delete(key);
      return send(0);
    }
    // Each a moment later than the one before it: they go in the order of their calls.
    const left = Math.max(0, line.came++ - late);
    const member: Member = { before: line.last, hasLeft: false, beats: 0 };
    line.last = member;
    line.size++;
    const begunAt = now();
    let sent: Promise<void>;
    try {
      const time = Math.min(left, deadline);
      const wait = inWorker ? this.#look(key, line, member, time, signal) : within(time, line.stored, signal);
      if ((await wait) === LATE && deadline < left) {
        const message = `The deadline of ${deadline} ms passed while the write of ${quoteKey(key)} waited for wrap to store a value. It was not sent.`;
        throw new KVError("KV_TIMEOUT", message, { key });
      }
      sent = send(now() - begunAt);
    } finally {
      this.#leave(key, line, member);
    }
    return sent;
  }

  /**
   * Waits in a Worker until all before a member have left, or their requests have ended. No request may wait for a promise
   * of another there: it never settles where that one ends first, and what follows it may run in the wrong request.
   */
  async #look(
    key: string,
    line: Line,
    member: Member,
    time: Milliseconds,
    signal: AbortSignal | undefined,
  ): Promise<typeof LATE | undefined> {
    const end = now() + time;
    let seen = 0;
    let missed = 0;
    for (;;) {
      const { before } = member;
      if (before === undefined) return undefined;
      if (before.hasLeft || missed > MOST_MISSED) {
        this.#leave(key, line, before);
        member.before = before.before;
        missed = 0;
        continue;
      }
      const left = end - now();
      if (left <= 0) return LATE;
      await within(Math.min(left, BEAT), new Promise<never>(() => {}), signal);
      member.beats++;
      missed = before.beats === seen ? missed + 1 : 0;
      seen = before.beats;
    }
  }

  /** Writes go at once again when the last has left. */
  #leave(key: string, line: Line, member: Member): void {
    if (member.hasLeft) return;
    member.hasLeft = true;
    if (--line.size === 0 && this.#lines.get(key) === line) this.#lines.delete(key);
  }
}
