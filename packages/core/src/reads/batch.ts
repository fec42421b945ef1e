import type { Asked, Keeper } from "./asked.ts";
import type { Found } from "../seam/decode.ts";
import type { KVError } from "../seam/errors.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import { longer, NO_WAITER, type Waiter } from "../calls/waiters.ts";
import type { PendingCount } from "../time/pending-count.ts";
import type { Requests } from "../requests/requests.ts";
import { Sending } from "../calls/sending.ts";

/** The keys of one request, from when they leave the lane until each has an answer. */
export class Batch implements Keeper {
  readonly sending: Sending;
  readonly #others: Sending[] = [];
  readonly #requests: Requests;
  readonly #pending: PendingCount;
  readonly #all: readonly Asked[];
  /** How many of them have no answer yet: this batch is their keeper. */
  #count: number;

  constructor(requests: Requests, pending: PendingCount, all: readonly Asked[], admitted: boolean) {
    this.#requests = requests;
    this.#pending = pending;
    this.#all = all;
    this.#count = all.length;
    let longest: Waiter = NO_WAITER;
    let flow = all[0]?.flow;
    for (const asked of all) {
      asked.keeper = this;
      longest = longer(longest, asked);
      flow = asked.flow && flow?.sooner(asked.flow);
    }
    // What it sends after its first request has turns like all else: an export must not go first.
    this.sending = new Sending(longest, admitted, flow);
    this.sending.isWithdrawn = () => this.left.every((asked) => asked.isWithdrawn);
  }

  get isSent(): boolean {
    return [this.sending, ...this.#others].every(({ stage }) => stage === "answer");
  }

  get lastError(): KVError | undefined {
    return [this.sending, ...this.#others].find(({ lastError }) => lastError !== undefined)?.lastError;
  }

  /** The keys that somebody still waits for. */
  get left(): readonly Asked[] {
    return this.#all.filter(({ keeper }) => keeper === this);
  }

  /** A second request for the same keys. */
  another(): Sending {
    const other = new Sending(this.sending, false, this.sending.flow);
    other.isWithdrawn = this.sending.isWithdrawn;
    this.#others.push(other);
    return other;
  }

  settle(asked: Asked, found: Found | null): void {
    if (this.#over(asked)) asked.settle(found);
  }

  fail(error: unknown): void {
    for (const asked of this.left) if (this.#over(asked)) asked.fail(error);
    this.#endIfOver();
  }

  /** Fails the keys that nobody wants to be sent again. */
  failWithdrawn(error: unknown): void {
    for (const asked of this.left) if (asked.isWithdrawn && this.#over(asked)) asked.fail(error);
  }

  drop(asked: Asked): void {
    if (this.#over(asked)) this.#endIfOver();
  }

  lateError(deadline: Milliseconds): KVError {
    return this.#requests.lateError(this.sending, deadline);
  }

  /** A second request of a key may still wait, or be under way, for nobody. */
  #endIfOver(): void {
    if (this.#count > 0) return;
    this.sending.cancel();
    for (const other of this.#others) other.cancel();
  }

  #over(asked: Asked): boolean {
    if (asked.keeper !== this) return false;
    asked.keeper = undefined;
    this.#count--;
    this.#pending.remove();
    return true;
  }
}
