import { now } from "../time/clock.ts";
import type { KVCallOptions, Milliseconds } from "./kv-namespace.ts";

/** The shortest time in which a step can be told that it is too late. */
const SOON: Milliseconds = 1;

/**
 * The options of a call that takes several steps, one after the other. Its deadline is for all of them together; what
 * the caller does in between does not count. Without one, each has the client's.
 */
export class Steps {
  readonly #signal: AbortSignal | undefined;
  #left: Milliseconds | undefined;

  constructor({ signal, deadline }: KVCallOptions) {
    this.#signal = signal;
    this.#left = deadline;
  }

  /** Does the next step with what is left of the deadline. */
  async next<Result>(step: (options: KVCallOptions) => Promise<Result>): Promise<Result> {
    const began = now();
    try {
      return await step({ signal: this.#signal, deadline: this.#left });
    } finally {
      if (this.#left !== undefined) this.#left = Math.max(SOON, this.#left - (now() - began));
    }
  }
}
