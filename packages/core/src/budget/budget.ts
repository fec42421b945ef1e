/**
 * The budget: when may the next request go? The gate asks it, and lets in the one that has waited longest.
 * It may import `calls/` and the clock; it knows nothing about what is sent.
 *
 * @module
 */
import type { KVSharedBudget } from "../contract/shared-budget.ts";
import { headerParameter } from "../seam/header-parameter.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";

/** What the API allows: a number of requests in any period of this length. */
export interface RateLimit {
  readonly requests: number;
  readonly window: Milliseconds;
}

/** What is left of a client's request budget; see {@link KVClient.budget}. */
export interface KVBudget {
  /** How many requests may be sent in any `window`: from the option, or from the API's headers. */
  requests: number;
  window: Milliseconds;
  /** How many may still be sent now. */
  left: number;
  /** How long until another may be sent; 0 if one may go now. */
  opensIn: Milliseconds;
}

/**
 * What a request would gain by waiting. A `partial` batch could take more keys; a `full` one, and a single request,
 * could not. `bulk` is a full write, which gives way to reads.
 */
export type Need = "partial" | "full" | "bulk";

/** What may be spent at once without looking at the rest, as a share of the limit. */
const CREDIT_SHARE = 0.1;

/** Below these shares of the limit, requests keep to the pace at which the budget lasts. */
const FLOOR_SHARE: Readonly<Record<Need, number>> = { partial: 0.5, full: 0.25, bulk: 0.5 };

/** How much more than the present demand is kept back for it. */
const DEMAND_MARGIN = 1.5;

/** How often within a window credit and pace are recomputed. */
const PACE_STEPS = 2000;

/** At how many points of the window the pace is tested. */
const HORIZONS = 100;

/**
 * A client's request budget: when may the next request go?
 *
 * The hard rule is a log of answers: no `window` ever has more than `requests` sent. A request counts from when it is
 * sent until `window` after its *answer*. The API counts it somewhere in between, so it never sees more than we do.
 *
 * The rest is economy. With plenty left, every request goes at once. A batch that could take more keys starts to wait
 * when what is left is needed to serve the present demand in full batches; requests are then spaced at the highest rate
 * that never runs dry.
 */
export class Budget {
  #limit: RateLimit | undefined;
  readonly #source: "guess" | "caller" | "none";
  readonly #maxKeys: number;
  readonly #shared: KVSharedBudget | undefined;
  /** When the answers of the last `window` came, in order, from `#first` on. */
  readonly #answers: Milliseconds[] = [];
  #first = 0;
  #inFlight = 0;
  /** What others spend of the same budget, as the API's headers betray. */
  #foreign = 0;
  #foreignUntil = 0;
  #pausedUntil = 0;
  #credit: number;
  #pace = 0;
  #pacedAt = 0;
  readonly #arrivals: readonly Rate[] = [new Rate(100), new Rate(1000)];

  /**
   * @param limit The initial limit; `undefined` if none is known.
   * @param source Where it comes from. The API's headers replace a guess, never raise what the caller set, and do not
   *   count if the caller wants none.
   * @param shared A budget that must let a request pass as well.
   */
  constructor(
    limit: RateLimit | undefined,
    source: "guess" | "caller" | "none",
    maxKeys: number,
    shared?: KVSharedBudget,
  ) {
    this.#limit = limit;
    this.#source = source;
    this.#maxKeys = maxKeys;
    this.#shared = shared;
    this.#credit = limit ? creditCap(limit) : 0;
  }

  /** Reports a key that someone wants to read. */
  demand(now: Milliseconds): void {
    if (this.#limit) for (const rate of this.#arrivals) rate.add(now);
  }

  /** Sets what to call when a request may go that only the shared budget held up. */
  onOpen(listener: () => void): void {
    this.#shared?.onOpen(listener);
  }

  /** Returns how long a request must wait; 0 if it may go now. */
  wait(need: Need, now: Milliseconds): Milliseconds {
    const own = this.#ownWait(need, now);
    return own > 0 || this.#shared === undefined ? own : this.#shared.wait();
  }

  #ownWait(need: Need, now: Milliseconds): Milliseconds {
    if (now < this.#pausedUntil) return this.#pausedUntil - now;
    const limit = this.#limit;
    if (limit === undefined) return 0;
    const left = this.#left(limit, now);
    if (left < 1) return Math.max(1, this.#nextRelease(limit, now) - now);
    this.#accrue(limit, left, now);
    const kept = limit.requests * CREDIT_SHARE;
    if (this.#credit >= 1 && (need !== "bulk" || left > kept)) return 0;
    const paced = Math.max(1, Math.ceil((1 - Math.min(this.#credit, 0.99)) / this.#pace));
    if (left <= limit.requests * FLOOR_SHARE[need]) return paced;
    return need === "partial" ? Math.min(paced, this.#outlasts(left, limit, now)) : 0;
  }

  /** Returns what is left; `undefined` if no limit is known. */
  look(now: Milliseconds): KVBudget | undefined {
    const limit = this.#limit;
    if (limit === undefined) return undefined;
    const left = Math.max(0, this.#left(limit, now));
    const opens = left < 1 ? this.#nextRelease(limit, now) : now;
    return { ...limit, left, opensIn: Math.max(0, Math.ceil(Math.max(opens, this.#pausedUntil) - now)) };
  }

  /** A request is sent. */
  start(): void {
    this.#inFlight++;
    this.#shared?.take();
    // What goes without credit is owed, but for no longer than the next one.
    this.#credit = Math.max(-1, this.#credit - 1);
  }

  /** Its answer came, or will never come. */
  finish(now: Milliseconds): void {
    this.#inFlight--;
    this.#shared?.answered();
    const limit = this.#limit;
    if (limit === undefined) return;
    this.#forget(limit, now);
    this.#answers.push(now);
  }

  /**
   * Corrects the budget by an answer's headers.
   *
   * @param policy `Ratelimit-Policy: "default";q=1200;w=300`
   * @param state `Ratelimit: "default";r=50;t=30`
   */
  correct(policy: string | undefined, state: string | undefined, now: Milliseconds): void {
    if (this.#source === "none") return;
    const [requests, seconds] = [headerParameter(policy, "q"), headerParameter(policy, "w")];
    if (requests !== undefined && seconds !== undefined && requests >= 1 && seconds > 0) {
      this.#adopt({ requests, window: seconds * 1000 });
    }
    const [remaining, reset] = [headerParameter(state, "r"), headerParameter(state, "t")];
    if (remaining === undefined || reset === undefined || this.#limit === undefined) return;
    this.#foreign = 0;
    this.#foreign = Math.max(0, this.#left(this.#limit, now) - remaining);
    this.#foreignUntil = now + reset * 1000;
  }

  get pausedUntil(): Milliseconds {
    return this.#pausedUntil;
  }

  /** The API answered 429: nothing goes until this time has passed. */
  pause(time: Milliseconds, now: Milliseconds): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, now + time);
  }

  #adopt(limit: RateLimit): void {
    const known = this.#limit;
    if (known?.requests === limit.requests && known.window === limit.window) return;
    // The caller's limit stands, but what the API says is left is never exceeded.
    if (this.#source === "caller") return;
    this.#limit = limit;
    this.#credit = Math.max(0, creditCap(limit) - this.#count - this.#inFlight);
  }

  get #count(): number {
    return this.#answers.length - this.#first;
  }

  #left(limit: RateLimit, now: Milliseconds): number {
    this.#forget(limit, now);
    const foreign = now < this.#foreignUntil ? this.#foreign : 0;
    return limit.requests - this.#count - this.#inFlight - foreign;
  }

  #forget(limit: RateLimit, now: Milliseconds): void {
    while (this.#count > 0 && this.#answers[this.#first]! <= now - limit.window) this.#first++;
    if (this.#first <= this.#answers.length / 2) return;
    this.#answers.splice(0, this.#first);
    this.#first = 0;
  }

  #nextRelease(limit: RateLimit, now: Milliseconds): Milliseconds {
    const ours = this.#count > 0 ? this.#answers[this.#first]! + limit.window : Number.POSITIVE_INFINITY;
    const theirs = this.#foreign > 0 && now < this.#foreignUntil ? this.#foreignUntil : Number.POSITIVE_INFINITY;
    const next = Math.min(ours, theirs);
    // All of it is in flight: the next answer will call again.
    return Number.isFinite(next) ? next : now + limit.window;
  }

  /** Credit grows at the sustainable pace, up to a small reserve for bursts. */
  #accrue(limit: RateLimit, left: number, now: Milliseconds): void {
    const passed = now - this.#pacedAt;
    if (this.#pace > 0 && passed < limit.window / PACE_STEPS) return;
    this.#credit = Math.min(creditCap(limit), this.#credit + passed * this.#pace);
    this.#pacedAt = now;
    this.#pace = this.#sustainable(limit, left, now);
  }

  /** The highest pace, in requests a millisecond, at which the budget is never empty within a window from now. */
  #sustainable(limit: RateLimit, left: number, now: Milliseconds): number {
    const step = limit.window / HORIZONS;
    let pace = Number.POSITIVE_INFINITY;
    for (let i = 1; i <= HORIZONS; i++) {
      // It must last until the end of each step on what is released before its beginning.
      pace = Math.min(pace, (left + this.#releasedBy(limit, now + (i - 1) * step)) / (i * step));
    }
    return pace;
  }

  /** How many requests will have left the log by then. */
  #releasedBy(limit: RateLimit, time: Milliseconds): number {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#answers[this.#first + middle]! <= time - limit.window) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Returns for how long the demand for reads, if it ends now, is still for more than is left, in full batches. */
  #outlasts(left: number, limit: RateLimit, now: Milliseconds): Milliseconds {
    const served = (left * this.#maxKeys) / (DEMAND_MARGIN * limit.window);
    return Math.max(...this.#arrivals.map((rate) => rate.above(served, now)));
  }
}

/** An exponentially weighted rate of arrivals. */
class Rate {
  readonly #memory: Milliseconds;
  #perMillisecond = 0;
  #at = 0;

  constructor(memory: Milliseconds) {
    this.#memory = memory;
  }

  add(now: Milliseconds): void {
    this.#perMillisecond = this.at(now) + 1 / this.#memory;
    this.#at = now;
  }

  at(now: Milliseconds): number {
    return this.#perMillisecond * Math.exp((this.#at - now) / this.#memory);
  }

  /** For how long it stays above another rate, if nothing more comes. */
  above(perMillisecond: number, now: Milliseconds): Milliseconds {
    return Math.max(0, Math.ceil(this.#memory * Math.log(this.at(now) / perMillisecond)));
  }
}

function creditCap({ requests }: RateLimit): number {
  return Math.max(1, requests * CREDIT_SHARE);
}
