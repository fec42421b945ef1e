import type { Budget, Need } from "./budget.ts";
import { FairSingles, type Ticket } from "./fair-singles.ts";
import { now } from "../time/clock.ts";
import { deadlinePassed } from "../calls/deadlines.ts";
import { KVRateLimitError, type KVError } from "../seam/errors.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import type { Sending } from "../calls/sending.ts";
import { startTimer, type Timer } from "../time/timer.ts";

/** Something that has requests to send, and makes each up at the last moment. */
export interface Lane {
  /** What its next request would gain by waiting; `undefined` if it has none. */
  need(): Need | undefined;
  /** Since when the first of it waits, on the clock of `now()`. */
  readonly since: Milliseconds;
  /** Sends one request, which must {@link Gate.leave} when it is answered. */
  go(): void;
  /** Called when it must wait, each time that the gate is looked at. */
  held(): void;
}

/** How long a write gives way to reads that came after it. */
const READS_FIRST: Milliseconds = 1000;

/**
 * The gate through which a client's requests go out. It enforces the number in flight and the budget. It lets in single
 * requests first (a listing, another attempt), then the one that has waited longest, with reads a second ahead of writes.
 * What belongs to a flow goes when the flow has its turn. What waits here gathers into batches.
 */
export class Gate {
  readonly budget: Budget;
  readonly #maxInFlight: number;
  readonly #fairSingles: FairSingles = new FairSingles();
  #lanes: { readonly lane: Lane; readonly handicap: Milliseconds }[] = [{ lane: this.#fairSingles, handicap: 0 }];
  #singles: Ticket[] = [];
  /** How many of them are cancelled. */
  #cancelled = 0;
  #inFlight = 0;
  #timer: Timer | undefined;
  /** When the timer fires. */
  #comesBackAt: Milliseconds = Number.POSITIVE_INFINITY;
  #opensSoon = false;
  /** The turn of what went last, where that was ahead of the clock. */
  #lastTurn: Milliseconds = 0;

  constructor(budget: Budget, maxInFlight: number) {
    this.budget = budget;
    this.#maxInFlight = maxInFlight;
    budget.onOpen(() => this.openSoon());
  }

  /**
   * From when what was called at a time has its turns. Flows that had the client to themselves are ahead of the clock;
   * who comes then is beside them, not in front of all that they still have to send.
   */
  turnsFrom(at: Milliseconds): Milliseconds {
    return Math.max(at, this.#lastTurn);
  }

  /** Adds the lanes of a namespace; the result takes them away. */
  add(reads: Lane, writes: Lane): () => void {
    this.#lanes.push({ lane: reads, handicap: 0 }, { lane: writes, handicap: READS_FIRST });
    return () => {
      this.#lanes = this.#lanes.filter(({ lane }) => lane !== reads && lane !== writes);
    };
  }

  /** Waits for the permission to send one request, which must {@link leave} when it is answered. */
  enter(sending: Sending): Promise<void> {
    return new Promise((resolve, reject) => {
      const letIn = (): void => {
        sending.onCancel = undefined;
        resolve();
      };
      const ticket: Ticket = { sending, letIn, before: undefined, after: undefined, list: undefined, turn: 0 };
      if (sending.flow) return this.#enterInTurn(ticket, reject);
      this.#singles.push(ticket);
      sending.onCancel = () => {
        reject(sending.reason);
        this.#cancelled++;
        // Taken out together, since each takes time in the number of those that wait.
        if (this.#cancelled > this.#singles.length / 2) this.#forgetCancelled();
        this.openSoon();
      };
      return this.open();
    });
  }

  #enterInTurn(ticket: Ticket, reject: (reason: unknown) => void): void {
    const { sending } = ticket;
    this.#fairSingles.add(ticket, this.turnsFrom(now()));
    sending.onCancel = () => {
      this.#fairSingles.remove(ticket);
      reject(sending.reason);
      this.openSoon();
    };
    this.open();
  }

  /** A request was answered or abandoned. */
  leave(): void {
    this.#inFlight--;
    this.budget.finish(now());
    this.open();
  }

  /** Lets in all that may go now, and comes back when more may. */
  open(): void {
    this.#opensSoon = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#comesBackAt = Number.POSITIVE_INFINITY;
    const at = now();
    const next = Math.min(this.#openSingles(at), this.#openLanes(at));
    // What was let in may have entered again with a second request: that opened the gate from within, and set the timer.
    if (next >= this.#comesBackAt) return;
    clearTimeout(this.#timer);
    this.#comesBackAt = next;
    this.#timer = startTimer(() => this.open(), next - at);
  }

  /** Opens after this turn, once for all who ask for that: there may be nothing left to come back for. */
  openSoon(): void {
    if (this.#opensSoon) return;
    this.#opensSoon = true;
    queueMicrotask(() => {
      if (this.#opensSoon) this.open();
    });
  }

  /** Returns why a call is still waiting at the gate at its deadline. */
  lateError(deadline: Milliseconds, need: Need = "full", what = "the request"): KVError {
    const at = now();
    const wait = this.budget.wait(need, at);
    if (wait > 0) return outOfBudget(wait, deadline);
    const why =
      this.#inFlight < this.#maxInFlight
        ? ""
        : `: ${this.#maxInFlight} requests are in flight, the most that batch.maxInFlight allows`;
    return deadlinePassed(deadline, `before ${what} was sent${why}.`);
  }

  #openSingles(at: Milliseconds): Milliseconds {
    while (this.#singles.length > 0) {
      if (this.#singles[0]!.sending.cancelled) {
        this.#singles.shift();
        this.#cancelled--;
        continue;
      }
      const opens = this.#opens("full", at);
      if (opens > at) return opens;
      this.#start();
      this.#singles.shift()!.letIn();
    }
    return Number.POSITIVE_INFINITY;
  }

  #openLanes(at: Milliseconds): Milliseconds {
    let next = Number.POSITIVE_INFINITY;
    let blocked: Set<Need> | undefined;
    for (;;) {
      const lane = this.#first(blocked);
      if (lane === undefined) return next;
      const need = lane.need()!;
      const opens = this.#opens(need, at);
      if (opens > at) {
        // And so is every other lane with the same need.
        (blocked ??= new Set()).add(need);
        next = Math.min(next, opens);
        for (const held of this.#lanes) if (held.lane.need() === need) held.lane.held();
      } else {
        this.#start();
        if (lane.since > at) this.#lastTurn = Math.max(this.#lastTurn, lane.since);
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

  #start(): void {
    this.#inFlight++;
    this.budget.start();
  }

  /** When such a request may go; infinitely late where an answer must come first. */
  #opens(need: Need, at: Milliseconds): Milliseconds {
    return this.#inFlight >= this.#maxInFlight ? Number.POSITIVE_INFINITY : at + this.budget.wait(need, at);
  }

  #forgetCancelled(): void {
    this.#singles = this.#singles.filter(({ sending }) => !sending.cancelled);
    this.#cancelled = 0;
  }
}

/** The error of a call that cannot wait until the budget lets it in. */
function outOfBudget(wait: Milliseconds, deadline: Milliseconds): KVRateLimitError {
  const seconds = Math.max(1, Math.ceil(wait / 1000));
  return new KVRateLimitError(
    `The request budget held this call up past its deadline of ${deadline} ms; the next request may go in ${seconds} s. Raise the deadline, or spread the work.`,
    seconds,
  );
}
