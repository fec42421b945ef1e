import type { Need } from "../budget/budget.ts";
import { BulkBody, type BulkLimits } from "./bulk.ts";
import type { Write } from "./write.ts";

/** The writes that may be sent, in call order: puts and deletes apart, and single ones apart. */
export class ReadyWrites {
  readonly #limits: BulkLimits;
  readonly #puts: Map<string, Write> = new Map();
  readonly #deletes: Map<string, Write> = new Map();
  readonly #alone: Map<string, Write> = new Map();
  #bytes = 0;

  constructor(limits: BulkLimits) {
    this.#limits = limits;
  }

  add(write: Write): void {
    this.#of(write).set(write.key, write);
    this.#bytes += write.bytes;
  }

  /** Takes a write away, if it is here. */
  remove(write: Write): void {
    const writes = this.#of(write);
    if (writes.get(write.key) === write && writes.delete(write.key)) this.#bytes -= write.bytes;
  }

  /** Returns what the next request would gain by waiting; `undefined` if there is none. */
  need(): Need | undefined {
    if (this.#puts.size + this.#deletes.size + this.#alone.size === 0) return undefined;
    const { bulkKeys, bulkBytes } = this.#limits;
    const full = this.#puts.size >= bulkKeys || this.#deletes.size >= bulkKeys || this.#bytes >= bulkBytes;
    return full || this.#alone.size > 0 ? "bulk" : "partial";
  }

  /** The one that was called first. */
  oldest(): Write | undefined {
    let oldest: Write | undefined;
    for (const writes of [this.#puts, this.#deletes, this.#alone]) {
      for (const first of writes.values()) {
        if (oldest === undefined || first.at < oldest.at) oldest = first;
        break;
      }
    }
    return oldest;
  }

  /** Takes the oldest, and with it as many of its kind as one request can carry. */
  take(): Write[] {
    const oldest = this.oldest();
    if (oldest === undefined) return [];
    const writes = oldest.alone ? [oldest] : this.#bodyOf(this.#of(oldest));
    for (const write of writes) this.remove(write);
    return writes;
  }

  #bodyOf(writes: ReadonlyMap<string, Write>): Write[] {
    const body = new BulkBody(this.#limits);
    for (const write of writes.values()) if (!body.add(write)) break;
    return body.writes;
  }

  #of({ alone, put }: Write): Map<string, Write> {
    return alone ? this.#alone : put ? this.#puts : this.#deletes;
  }
}
