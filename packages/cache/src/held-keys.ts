import { KVError, quoteKey, type KVCallOptions, type Milliseconds } from "@kvplug/core/seam";
import { now } from "./clock.ts";
import { inWorker } from "./platform.ts";
import { within } from "./waiting.ts";

/** Hands a write to the backend. @param waited How long it had to wait. */
export type Send = (waited: Milliseconds) => Promise<void>;

/** One in the line of a key: a write that is being stored, or one that waits for its turn. */
interface Member {
  before: Member | undefined;
  after: Member | undefined;
  hasLeft: boolean;
  /** Tells that it leaves. Absent in a Worker, where nobody may wait for that. */
  readonly left: PromiseWithResolvers<void> | undefined;
  /** When it is sent, whatever is before it; never for what was sent before. */
  readonly goesAt: Milliseconds;
  /** When its caller's time is over. */
  readonly refusedAt: Milliseconds;
  /** When it has last given a sign of life. It gives one in a Worker alone. */
  aliveAt: Milliseconds;
}

/** The writes of a key, in the order of their calls. */
interface Line {
  last: Member | undefined;
  /** Until when those wait who come now. */
  endsAt: Milliseconds;
}

/** By then, timers have fired. */
const MOST_LATE: Milliseconds = 1000;

/** In a Worker, how often a write gives a sign of life, and looks for those of the one before it. */
const BEAT: Milliseconds = 10;

/** Who has given none for so long, at so many looks one after the other, is of a request that has ended. */
const SILENCE: Milliseconds = 200;
const SILENT_LOOKS = 3;

/**
 * Keys whose value of `wrap` is being stored. Whoever writes one meanwhile goes after it, and after those who came before:
 * a backend may not keep the order of writes, as a Worker's does not, and then the older one would undo the newer.
 */
export class HeldKeys {
  /** In the order of their ends. */
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

  /** Holds a key until its value is stored, or that failed. That may still have to wait for its own turn. */
  hold(key: string, storing: Promise<void>): void {
    this.#forgetEnded();
    const endsAt = now() + this.#maxWait;
    const line: Line = this.#lines.get(key) ?? { last: undefined, endsAt };
    line.endsAt = endsAt;
    this.#lines.delete(key);
    this.#lines.set(key, line);
    const member = join(line, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    const beat = (): void => {
      member.aliveAt = now();
      if (member.aliveAt > endsAt + MOST_LATE) clearInterval(beating);
    };
    const beating = inWorker ? setInterval(beat, BEAT) : undefined;
    const over = (): void => {
      clearInterval(beating);
      this.#leave(key, line, member);
    };
    storing.then(over, over);
  }

  /**
   * Sends a write of a key, when it is its turn.
   *
   * @throws {KVError} `KV_TIMEOUT` at the call's deadline, if it still waits; the signal's reason.
   */
  async send(key: string, send: Send, { signal, deadline = Number.POSITIVE_INFINITY }: KVCallOptions): Promise<void> {
    const line = this.#lines.size === 0 ? undefined : this.#lines.get(key);
    if (line === undefined) return send(0);
    const begunAt = now();
    const member = join(line, line.endsAt, begunAt + deadline);
    let sent: Promise<void>;
    try {
      if (!(await this.#comes(key, line, member, signal))) {
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
   * Waits until all before a member have left, or it is time to go; then those go first for whom it is, too.
   *
   * In a Worker it looks for that itself: no request may wait there for a promise of another, which never settles where
   * that one ends first, and what follows it may run in the wrong request.
   *
   * @returns Whether its turn comes; else its caller's time is over.
   */
  async #comes(key: string, line: Line, member: Member, signal: AbortSignal | undefined): Promise<boolean> {
    let silentLooks = 0;
    for (;;) {
      const { before } = member;
      if (before === undefined) return true;
      const time = now();
      if (inWorker && time - before.aliveAt > SILENCE) {
        if (silentLooks++ >= SILENT_LOOKS) {
          this.#leave(key, line, before);
          continue;
        }
      } else silentLooks = 0;
      const { goesAt, refusedAt } = member;
      if (time >= refusedAt) return false;
      if (time >= goesAt && (time > goesAt + MOST_LATE || !goesAfterOther(member, time))) return true;
      // Whole, as timers are: else the rest would be waited for again and again.
      const pause = Math.ceil(Math.min(refusedAt - time, time < goesAt ? goesAt - time : BEAT));
      await (before.left === undefined
        ? within(Math.min(pause, BEAT), new Promise<never>(() => {}), signal)
        : within(pause, before.left.promise, signal));
      signal?.throwIfAborted();
      member.aliveAt = now();
    }
  }

  #leave(key: string, line: Line, member: Member): void {
    if (member.hasLeft) return;
    const { before, after } = member;
    if (before !== undefined) before.after = after;
    if (after === undefined) line.last = before;
    else after.before = before;
    member.hasLeft = true;
    member.left?.resolve();
    if (line.last === undefined && this.#lines.get(key) === line) this.#lines.delete(key);
  }

  /** Forgets lines in which nobody waits any more, though what is stored there never settled. */
  #forgetEnded(): void {
    for (const [key, { endsAt }] of this.#lines) {
      if (now() <= endsAt + MOST_LATE) return;
      this.#lines.delete(key);
    }
  }
}

function join(line: Line, goesAt: Milliseconds, refusedAt: Milliseconds): Member {
  const left = inWorker ? undefined : Promise.withResolvers<void>();
  const member = { before: line.last, after: undefined, hasLeft: false, left, goesAt, refusedAt, aliveAt: now() };
  if (line.last !== undefined) line.last.after = member;
  line.last = member;
  return member;
}

/** Whether it is also time to go for one that waits before a member, and whose timer fires in a moment. */
function goesAfterOther({ before }: Member, time: Milliseconds): boolean {
  let one = before;
  // Past those that were sent, and those that are refused before they go.
  while (one !== undefined && one.goesAt >= one.refusedAt) one = one.before;
  return one !== undefined && one.goesAt <= time;
}
