import type { KVError } from "../seam/errors.ts";
import type { Flow } from "../seam/flow.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import type { Waiter } from "./waiters.ts";

/** What a call is waiting for: the gate, its answer, or its next attempt. */
export type Stage = "admission" | "answer" | "retry";

/**
 * A call on its way to the API, as its callers see it. It is cancelled when no caller waits for it any more: that ends
 * its waits, and its attempt if that may be ended.
 */
export class Sending implements Waiter {
  /** The end of the longest wait for it: no attempt begins after that. */
  readonly end: Milliseconds;
  /** The deadline of that wait. */
  readonly deadline: Milliseconds;
  /** Whether the gate has let in the first attempt already. */
  readonly admitted: boolean;
  /** In which it has its turns where the gate has not let it in yet. */
  readonly flow: Flow | undefined;
  stage: Stage = "admission";
  /** What is sent, for errors. */
  asked: { readonly method: string; readonly path: string } | undefined;
  /** What the last attempt failed with. */
  lastError: KVError | undefined;
  /** Whether its callers want no further attempt. */
  isWithdrawn: (() => boolean) | undefined;
  #reason: DOMException | undefined;
  #onCancel: (() => void) | undefined;

  constructor(longest: Waiter, admitted = false, flow?: Flow) {
    this.end = longest.end;
    this.deadline = longest.deadline;
    this.admitted = admitted;
    this.flow = flow;
  }

  get cancelled(): boolean {
    return this.#reason !== undefined;
  }

  throwIfCancelled(): void {
    if (this.#reason !== undefined) throw this.#reason;
  }

  /** The reason that ends it once it is cancelled. Only a stream's source sees it, since no caller waits. */
  get reason(): DOMException | undefined {
    return this.#reason;
  }

  cancel(): void {
    if (this.#reason !== undefined) return;
    this.#reason = nobodyWaits();
    this.#onCancel?.();
  }

  /** Calls this when it is cancelled, from now on and in place of what was called before. */
  set onCancel(listener: (() => void) | undefined) {
    this.#onCancel = listener;
  }
}

/** Why something ended that is sent for nobody. */
export function nobodyWaits(): DOMException {
  return new DOMException("Nobody waits for it any more.", "AbortError");
}
