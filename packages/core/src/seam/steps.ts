import { now } from "../time/clock.ts";
import type { KVCallOptions, Milliseconds } from "./kv-namespace.ts";

/** The shortest time in which a step can find that it is too late. */
const SOON: Milliseconds = 1;

/**
 * The options of a call with several steps, one after another. Its deadline covers all of them, without what the caller
 * does in between. Without one, each step has the client's.
 */
export class Steps {
  readonly #signal: AbortSignal | undefined;
  #left: Milliseconds | undefined;

  constructor({ signal, deadline }: KVCallOptions) {
    this.#signal = signal;
    this.#left = deadline;
  }

  /** Runs the next step with the rest of the deadline. */
  async next<Result>(step: (options: KVCallOptions) => Promise<Result>): Promise<Result> {
    const began = now();
    try {
      return await step({ signal: this.#signal, deadline: this.#left });
    } finally {
      if (this.#left !== undefined) this.#left = Math.max(SOON, this.#left - (now() - began));
    }
  }
}
