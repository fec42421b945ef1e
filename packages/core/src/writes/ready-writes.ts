import type { Need } from "../budget/budget.ts";
import { FairQueue } from "../calls/fair-queue.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import { BulkBody, type BulkLimits } from "./bulk.ts";
import type { Write } from "./write.ts";

/**
 * The writes that may be sent, in call order or in the turns of their flows: puts and deletes apart, and single ones
 * apart.
 */
export class ReadyWrites {
  readonly #limits: BulkLimits;
  readonly #puts: FairQueue<Write> = new FairQueue();
  readonly #deletes: FairQueue<Write> = new FairQueue();
  readonly #alone: FairQueue<Write> = new FairQueue();
  #bytes = 0;

  constructor(limits: BulkLimits) {
    this.#limits = limits;
  }

  /** @param at From when it has its turns. */
  add(write: Write, at: Milliseconds): void {
    this.#of(write).add(write, write.flow, at);
    this.#bytes += write.bytes;
  }

  /** Takes a write away, if it is here. */
  remove(write: Write): void {
    if (this.#of(write).delete(write)) this.#bytes -= write.bytes;
  }

  /** Returns what the next request would gain by waiting; `undefined` if there is none. */
  need(): Need | undefined {
    if (this.#puts.size + this.#deletes.size + this.#alone.size === 0) return undefined;
    const { bulkKeys, bulkBytes } = this.#limits;
    const full = this.#puts.size >= bulkKeys || this.#deletes.size >= bulkKeys || this.#bytes >= bulkBytes;
    return full || this.#alone.size > 0 ? "bulk" : "partial";
  }

  /** When the first of them has its turn: when it was called, where it is in no flow. */
  get turn(): Milliseconds {
    return Math.min(this.#puts.turn, this.#deletes.turn, this.#alone.turn);
  }

  /** Takes the one whose turn it is, and with it as many of its kind as one request can carry. */
  take(): Write[] {
    const queues = [this.#puts, this.#deletes, this.#alone];
    const queue = queues.reduce((one, other) => (other.turn < one.turn ? other : one));
    const body = new BulkBody(this.#limits);
    for (let write = queue.first(); write !== undefined; write = queue.first()) {
      if (!write.alone && !body.add(write)) break;
      this.remove(write);
      if (write.alone) return [write];
    }
    return body.writes;
  }

  #of({ alone, put }: Write): FairQueue<Write> {
    return alone ? this.#alone : put ? this.#puts : this.#deletes;
  }
}
