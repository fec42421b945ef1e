import { KVLimitError, type Milliseconds } from "@kvplug/core/seam";
import type { Content } from "./content.ts";
import type { SharedCall } from "./shared-call.ts";
import type { Work } from "./under-way.ts";

/** What somebody waits for. */
export interface Seat {
  readonly content: Promise<Content>;
  /** Nobody waits in it any more. A refresh never leaves: it is made for those to come. */
  leave(): void;
}

/** A read of the backend that is under way, for all who wait for it. It begins with one of them. */
export class Flight implements Work, Seat, Pick<Content, "exact" | "described"> {
  readonly key: string;
  readonly exact: boolean;
  readonly described: boolean;
  /** Whether it may fail because its caller asked for too much together, which is nobody else's fault. */
  readonly limited: boolean;
  /** Who waits no longer than that may join it, until it is as old. */
  readonly patience: Milliseconds;
  readonly begunAt: Milliseconds;
  readonly turn: number;
  overtaken = false;
  content!: Promise<Content>;
  readonly #call: SharedCall | undefined;
  #waiting = 1;

  /** @param call The call of the backend that answers it, if that may be withdrawn. */
  constructor(
    about: Pick<Flight, "key" | "exact" | "described" | "limited" | "patience" | "begunAt" | "turn">,
    call: SharedCall | undefined,
  ) {
    this.key = about.key;
    this.exact = about.exact;
    this.described = about.described;
    this.limited = about.limited;
    this.patience = about.patience;
    this.begunAt = about.begunAt;
    this.turn = about.turn;
    this.#call = call;
    call?.join();
  }

  /**
   * A seat for one more.
   *
   * @param askAnew Asks where this flight fails for what others wanted: too much together, or nothing any more.
   * @param spare Called where that is not needed any more: it may have been asked with others.
   */
  join(askAnew?: (key: string) => Seat, spare?: (key: string) => void): Seat {
    const { mayFailForOthers } = this;
    if (this.#waiting++ === 0) this.#call?.join();
    return mayFailForOthers && askAnew ? new SeatOfAnother(this, askAnew, spare) : this;
  }

  leave(): void {
    if (--this.#waiting === 0) this.#call?.leave();
  }

  /** Whether it may fail for what others wanted. */
  get mayFailForOthers(): boolean {
    return this.limited || this.#call?.withdrawn === true;
  }

  /** Whether it failed for what others wanted. */
  failedForOthers(error: unknown): boolean {
    return this.#call?.withdrawn === true || (this.limited && error instanceof KVLimitError);
  }
}

/** A seat in a flight that may fail for the others in it: then its own is asked for anew. */
class SeatOfAnother implements Seat {
  readonly content: Promise<Content>;
  readonly #flight: Flight;
  readonly #spare: ((key: string) => void) | undefined;
  #seat: Seat | undefined;

  constructor(flight: Flight, askAnew: (key: string) => Seat, spare: ((key: string) => void) | undefined) {
    this.#flight = flight;
    this.#spare = spare;
    this.#seat = flight;
    this.content = flight.content.catch((error: unknown) => {
      if (this.#seat === undefined || !flight.failedForOthers(error)) throw error;
      return (this.#seat = askAnew(flight.key)).content;
    });
  }

  leave(): void {
    if (this.#seat === this.#flight) this.#spare?.(this.#flight.key);
    this.#seat?.leave();
    this.#seat = undefined;
  }
}
