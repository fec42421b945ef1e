import type { Need } from "./budget.ts";
import { FairQueue, type InTurn } from "../calls/fair-queue.ts";
import type { Sending } from "../calls/sending.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";

/** A request that stands for itself, and waits at the gate. */
export interface Ticket extends InTurn<Ticket> {
  readonly sending: Sending;
  readonly letIn: () => void;
}

/** Those of flows: they have turns among all that waits, and do not go first. */
export class FairSingles {
  readonly #waiting: FairQueue<Ticket> = new FairQueue();

  /** @param at From when it has its turns. */
  add(ticket: Ticket, at: Milliseconds): void {
    this.#waiting.add(ticket, ticket.sending.flow, at);
  }

  /** Takes one away that is cancelled. */
  remove(ticket: Ticket): void {
    this.#waiting.delete(ticket);
  }

  get since(): Milliseconds {
    return this.#waiting.turn;
  }

  need(): Need | undefined {
    return this.#waiting.size === 0 ? undefined : "full";
  }

  go(): void {
    const ticket = this.#waiting.first()!;
    this.#waiting.delete(ticket);
    ticket.letIn();
  }

  /** It waits by itself. */
  held(): void {}
}
