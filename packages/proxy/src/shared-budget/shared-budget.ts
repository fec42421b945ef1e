import type { KVSharedBudget } from "@kvplug/core";
import type { Milliseconds } from "@kvplug/core/seam";
import type { Permit, PermitRing, Refusal } from "./permit-ring.ts";

/** How long a permit is kept for a request that may not come. */
const KEEP: Milliseconds = 1000;

/** How long to wait where the permits in turn belong to requests that are on their way. */
const SOON: Milliseconds = 10;

/** How long the ring that others share may take to answer. */
const PATIENCE: Milliseconds = 5000;

/** How long after a failure it is asked again. */
const AWAY: Milliseconds = 2000;

/** A permit, and where it is from. */
interface Held {
  readonly ring: PermitRing;
  readonly permit: Permit;
}

/**
 * A budget that several proxies spend together, one permit a request. Where what they share is out of reach, each keeps
 * to a ring of its own with its part of the budget.
 */
export class SharedBudget implements KVSharedBudget {
  readonly #common: PermitRing;
  readonly #own: PermitRing;
  readonly #onAway: (error: unknown) => void;
  readonly #onBack: () => void;
  #held: Held | undefined;
  readonly #onTheirWay: Held[] = [];
  #isAsking = false;
  /** When a permit is expected, on the clock of `performance.now()`. */
  #opensAt: Milliseconds = 0;
  /** Until when the common ring is not asked; 0 while it answers. */
  #awayUntil: Milliseconds = 0;
  #listener: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /**
   * @param own What is kept to while `common` fails.
   * @param onAway Called with why, once `common` fails, and `onBack` once it answers again.
   */
  constructor(
    common: PermitRing,
    own: PermitRing,
    { onAway, onBack }: { onAway: (error: unknown) => void; onBack: () => void },
  ) {
    this.#common = common;
    this.#own = own;
    this.#onAway = onAway;
    this.#onBack = onBack;
  }

  onOpen(listener: () => void): void {
    this.#listener = listener;
  }

  wait(): Milliseconds {
    if (this.#held) return 0;
    if (!this.#isAsking) void this.#ask();
    return Math.max(1, this.#opensAt - performance.now());
  }

  take(): void {
    clearTimeout(this.#timer);
    this.#onTheirWay.push(this.#held!);
    this.#held = undefined;
  }

  answered(): void {
    const { ring, permit } = this.#onTheirWay.shift()!;
    // One that is not told comes back by itself, later.
    ring.answered(permit).catch(() => {});
  }

  /** Gives back what is not used. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const held = this.#held;
    this.#held = undefined;
    await held?.ring.giveBack(held.permit).catch(() => {});
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    let ring = this.#ring();
    let permit: Permit | undefined;
    for (;;) {
      try {
        permit ??= await within(PATIENCE, ring.next());
        const taken = await within(PATIENCE, ring.take(permit));
        if (ring === this.#common) this.#isBack();
        if (typeof taken === "number") return this.#hold({ ring, permit });
        const wait = ring.isOnItsWay(taken) ? SOON : taken.freeIn;
        // Behind the one that is on its way there may be one that is free.
        if (ring.isOnItsWay(taken)) permit = undefined;
        await this.#sleep(wait, taken);
      } catch (error) {
        if (ring === this.#own) throw error;
        this.#isAway(error);
        permit = undefined;
      }
      if (this.#isClosed) return undefined;
      if (this.#ring() !== ring) [ring, permit] = [this.#ring(), undefined];
    }
  }

  #hold(held: Held): void {
    this.#isAsking = false;
    this.#opensAt = 0;
    this.#held = held;
    this.#timer = setTimeout(() => {
      this.#held = undefined;
      held.ring.giveBack(held.permit).catch(() => {});
    }, KEEP);
    this.#timer.unref();
    this.#listener();
  }

  #ring(): PermitRing {
    return performance.now() < this.#awayUntil ? this.#own : this.#common;
  }

  #isAway(error: unknown): void {
    if (this.#awayUntil === 0) this.#onAway(error);
    this.#awayUntil = performance.now() + AWAY;
  }

  #isBack(): void {
    if (this.#awayUntil > 0) this.#onBack();
    this.#awayUntil = 0;
  }

  async #sleep(time: Milliseconds, { freeIn }: Refusal): Promise<void> {
    this.#opensAt = performance.now() + freeIn;
    // What it told may be too little: who waits looks again.
    this.#listener();
    // It keeps nobody: a proxy that has ended waits for no permit.
    await new Promise((resolve) => setTimeout(resolve, time).unref());
  }
}

async function within<Result>(time: Milliseconds, promise: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It did not answer in ${time} ms.`)), time);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
