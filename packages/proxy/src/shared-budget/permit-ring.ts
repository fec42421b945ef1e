import type { Seconds } from "@kvplug/core/seam";
import { RateLimiterRes } from "rate-limiter-flexible";
import type { RateLimiterAbstract } from "rate-limiter-flexible";

/** The number of a permit, by which one request may be sent. */
export type Permit = number;

/** When a permit that was not had may be free. */
export interface Refusal {
  readonly permit: Permit;
  readonly freeIn: number;
}

/**
 * A budget of so many requests in any stretch of a window: as many permits, each of which is good for one request and
 * comes back a window after its answer. They are taken in a ring, so that the next one is the one which has been
 * away for longest. A limiter with one point a permit sees to it that nobody else has the same.
 */
export class PermitRing {
  readonly #limiter: RateLimiterAbstract;
  readonly #size: number;
  readonly #window: Seconds;
  readonly #flight: Seconds;
  readonly #nextTicket: () => Promise<number>;

  /**
   * @param flight For how long a request may be on its way: a permit whose holder is gone comes back a window later.
   * @param nextTicket Counts up, for all who share the ring.
   */
  constructor(
    limiter: RateLimiterAbstract,
    { size, window, flight }: { size: number; window: Seconds; flight: Seconds },
    nextTicket: () => Promise<number>,
  ) {
    this.#limiter = limiter;
    this.#size = size;
    this.#window = window;
    this.#flight = flight;
    this.#nextTicket = nextTicket;
  }

  /** The permit whose turn it is. */
  async next(): Promise<Permit> {
    return (await this.#nextTicket()) % this.#size;
  }

  /** Takes a permit, or tells when it may be free. */
  async take(permit: Permit): Promise<Permit | Refusal> {
    try {
      await this.#limiter.consume(String(permit), 1, { customDuration: this.#window + this.#flight });
      return permit;
    } catch (refused) {
      if (refused instanceof RateLimiterRes) return { permit, freeIn: Math.max(1, refused.msBeforeNext) };
      throw refused;
    }
  }

  /** Whether a permit that is free in so long belongs to a request on its way. */
  isOnItsWay({ freeIn }: Refusal): boolean {
    return freeIn > this.#window * 1000;
  }

  /** The request was answered: the permit is good again after a window. */
  async answered(permit: Permit): Promise<void> {
    await this.#limiter.set(String(permit), 1, this.#window);
  }

  /** No request was sent. */
  async giveBack(permit: Permit): Promise<void> {
    await this.#limiter.delete(String(permit));
  }
}
