import type { Budget, Need } from "./budget.ts";
import { KVError, KVRateLimitError } from "./errors.ts";
import type { Milliseconds } from "./kv-namespace.ts";
import { startTimer, type Timer } from "./timer.ts";

/** Something that has requests to send, and makes each up at the last moment. */
export interface Lane {
  /** What its next request would gain by waiting; `undefined` where there is none. */
  need(): Need | undefined;
  /** Since when the first of it waits, on the clock of `performance.now()`. */
  readonly since: Milliseconds;
  /** Sends one request, which must {@link Gate.leave} when it is answered. */
  go(): void;
  /** Told that it must wait: refuses what is past its deadline, and returns when the next of it will be. */
  expire(now: Milliseconds, opens: Milliseconds): Milliseconds;
}

/** How long a write gives way to reads that came after it. */
const READS_FIRST: Milliseconds = 1000;

interface Ticket {
  readonly end: Milliseconds;
  resolve(): void;
  reject(reason: unknown): void;
}

/**
 * The one door through which a client's requests go out: it holds the number in flight and the
 * budget, and lets in first what stands for itself (a listing, another attempt), then whoever waits
 * longest, reads a second ahead of writes. Whoever waits at it gathers.
 */
export class Gate {
  readonly budget: Budget;
  readonly #maxInFlight: number;
  #lanes: { readonly lane: Lane; readonly handicap: Milliseconds }[] = [];
  readonly #singles: Ticket[] = [];
  /** None of them has an earlier deadline. */
  #singlesEnd: Milliseconds = Number.POSITIVE_INFINITY;
  #inFlight = 0;
  #timer: Timer | undefined;

  constructor(budget: Budget, maxInFlight: number) {
    this.budget = budget;
    this.#maxInFlight = maxInFlight;
  }

  /** Adds the lanes of a namespace; the result takes them away. */
  add(reads: Lane, writes: Lane): () => void {
    this.#lanes.push({ lane: reads, handicap: 0 }, { lane: writes, handicap: READS_FIRST });
    return () => {
      this.#lanes = this.#lanes.filter(({ lane }) => lane !== reads && lane !== writes);
    };
  }

  /**
   * Waits for the permission to send one request, which must {@link leave} when it is answered.
   *
   * @throws {KVRateLimitError} when it has not been let in by `end`; the signal's reason when it is aborted.
   */
  enter(end: Milliseconds, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        ticket.reject(signal!.reason);
        this.#remove(ticket);
        this.open();
      };
      const ticket: Ticket = {
        end,
        resolve: () => {
          signal?.removeEventListener("abort", stop);
          resolve();
        },
        reject: (reason) => {
          signal?.removeEventListener("abort", stop);
          reject(reason);
        },
      };
      signal?.addEventListener("abort", stop, { once: true });
      this.#singles.push(ticket);
      this.#singlesEnd = Math.min(this.#singlesEnd, end);
      this.open();
    });
  }

  /** A request was answered, or given up. */
  leave(): void {
    this.#inFlight--;
    this.budget.finish(performance.now());
    this.open();
  }

  /** Lets in all that may go now, and comes back when more may. */
  open(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = performance.now();
    const next = Math.min(this.#openSingles(now), this.#openLanes(now));
    if (next !== Number.POSITIVE_INFINITY) this.#timer = startTimer(() => this.open(), next - now);
  }

  /** The error of a call that was let in, and is not settled at its deadline. */
  lateError(): KVError {
    const now = performance.now();
    const { pausedUntil } = this.budget;
    if (pausedUntil > now) return outOfBudget(now, pausedUntil);
    return new KVError("KV_TIMEOUT", "The deadline passed before the answer came.");
  }

  #openSingles(now: Milliseconds): Milliseconds {
    while (this.#singles.length > 0) {
      const opens = this.#opens("full", now);
      if (opens > now) return this.#expireSingles(now, opens);
      this.#start();
      this.#singles.shift()!.resolve();
    }
    return Number.POSITIVE_INFINITY;
  }

  #openLanes(now: Milliseconds): Milliseconds {
    let next = Number.POSITIVE_INFINITY;
    let blocked: Set<Need> | undefined;
    for (;;) {
      const lane = this.#first(blocked);
      if (lane === undefined) return next;
      const need = lane.need()!;
      const opens = this.#opens(need, now);
      if (opens > now) {
        // And so is every other lane with the same need.
        (blocked ??= new Set()).add(need);
        next = Math.min(next, this.#expireLanes(need, now, opens));
      } else {
        this.#start();
        lane.go();
      }
    }
  }

  /** Whose turn it is. */
  #first(blocked: ReadonlySet<Need> | undefined): Lane | undefined {
    let first: Lane | undefined;
    let earliest = Number.POSITIVE_INFINITY;
    for (const { lane, handicap } of this.#lanes) {
      const need = lane.need();
      if (need === undefined || blocked?.has(need)) continue;
      const since = lane.since + handicap;
      if (since < earliest) [first, earliest] = [lane, since];
    }
    return first;
  }

  #expireLanes(need: Need, now: Milliseconds, opens: Milliseconds): Milliseconds {
    let next = Number.POSITIVE_INFINITY;
    for (const { lane } of this.#lanes) {
      if (lane.need() !== need) continue;
      const end = lane.expire(now, opens);
      if (lane.need() !== undefined) next = Math.min(next, opens, end);
    }
    return next;
  }

  #start(): void {
    this.#inFlight++;
    this.budget.start();
  }

  /** When such a request may go; infinitely late where an answer must come first. */
  #opens(need: Need, now: Milliseconds): Milliseconds {
    return this.#inFlight >= this.#maxInFlight ? Number.POSITIVE_INFINITY : now + this.budget.wait(need, now);
  }

  #expireSingles(now: Milliseconds, opens: Milliseconds): Milliseconds {
    if (now >= this.#singlesEnd) {
      this.#singlesEnd = Number.POSITIVE_INFINITY;
      for (const ticket of this.#singles.filter(({ end }) => end <= now)) {
        this.#remove(ticket);
        ticket.reject(outOfBudget(now, opens));
      }
      for (const { end } of this.#singles) this.#singlesEnd = Math.min(this.#singlesEnd, end);
    }
    return this.#singles.length === 0 ? Number.POSITIVE_INFINITY : Math.min(this.#singlesEnd, opens);
  }

  #remove(ticket: Ticket): void {
    const index = this.#singles.indexOf(ticket);
    if (index !== -1) this.#singles.splice(index, 1);
  }
}

/** The error of a call that cannot wait until the budget lets it in. */
export function outOfBudget(now: Milliseconds, opens: Milliseconds): KVRateLimitError {
  const seconds = Number.isFinite(opens) ? Math.max(1, Math.ceil((opens - now) / 1000)) : 1;
  return new KVRateLimitError(
    `The request budget let this call wait past its deadline; it opens again in ${seconds} s. Raise the deadline, or spread the work.`,
    seconds,
  );
}
