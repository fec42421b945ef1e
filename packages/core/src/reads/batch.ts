import type { Asked, Keeper } from "./asked.ts";
import type { Found } from "../seam/decode.ts";
import type { KVError } from "../seam/errors.ts";
import type { PendingCount } from "../time/pending-count.ts";
import type { Requests } from "../requests/requests.ts";
import { Sending } from "../calls/sending.ts";

/** The keys of one request, from when they leave the lane until each has an answer. */
export class Batch implements Keeper {
  /** The keys that somebody still waits for. */
  readonly left: Set<Asked>;
  readonly sending: Sending;
  readonly #others: Sending[] = [];
  readonly #requests: Requests;
  readonly #pending: PendingCount;

  constructor(requests: Requests, pending: PendingCount, all: readonly Asked[], admitted: boolean) {
    this.#requests = requests;
    this.#pending = pending;
    this.left = new Set(all);
    let end = 0;
    let flow = all[0]?.flow;
    for (const asked of all) {
      asked.keeper = this;
      end = Math.max(end, asked.latestEnd);
      flow = asked.flow && flow?.sooner(asked.flow);
    }
    // What it sends after its first request has turns like all else: an export must not go first.
    this.sending = new Sending(end, admitted, flow);
  }

  /** A second request for the same keys. */
  another(): Sending {
    const other = new Sending(this.sending.end, false, this.sending.flow);
    this.#others.push(other);
    return other;
  }

  settle(asked: Asked, found: Found | null): void {
    if (this.#over(asked)) asked.settle(found);
  }

  fail(error: unknown): void {
    for (const asked of this.left) if (this.#over(asked)) asked.fail(error);
  }

  drop(asked: Asked): void {
    if (!this.#over(asked) || this.left.size > 0) return;
    this.sending.cancel();
    for (const other of this.#others) other.cancel();
  }

  lateError(): KVError {
    return this.#requests.lateError(this.sending);
  }

  #over(asked: Asked): boolean {
    if (!this.left.delete(asked)) return false;
    this.#pending.remove();
    return true;
  }
}
