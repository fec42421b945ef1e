import { now } from "../time/clock.ts";
import type { KVCallOptions, Milliseconds } from "./kv-namespace.ts";

/** The shortest time in which a step can find that it is too late. */
const SOON: Milliseconds = 1;

/** The name of an option by which a step says what deadline its whole call was given: errors name that. */
const WHOLE_DEADLINE: unique symbol = Symbol.for("kvplug.wholeDeadline");

/** Options of a call that may be a step of another one. */
export interface InSteps {
  readonly [WHOLE_DEADLINE]?: Milliseconds | undefined;
}

/** The deadline as the caller gave it, if any: of a step, that of the whole call. */
export function givenDeadline(options: KVCallOptions & InSteps): Milliseconds | undefined {
  return options[WHOLE_DEADLINE] ?? options.deadline;
}

/**
 * The options of a call with several steps, one after another. Its deadline covers all of them, without what the caller
 * does in between. Without one, each step has the client's.
 */
export class Steps {
  readonly #signal: AbortSignal | undefined;
  readonly #whole: Milliseconds | undefined;
  #left: Milliseconds | undefined;

  /** @param usual The deadline of all steps where the call has none. */
  constructor(options: KVCallOptions, usual?: Milliseconds) {
    this.#signal = options.signal;
    this.#whole = givenDeadline(options) ?? usual;
    this.#left = options.deadline ?? usual;
  }

  /** Runs the next step with the rest of the deadline. */
  async next<Result>(step: (options: KVCallOptions & InSteps) => Promise<Result>): Promise<Result> {
    const began = now();
    try {
      return await step({ signal: this.#signal, deadline: this.#left, [WHOLE_DEADLINE]: this.#whole });
    } finally {
      if (this.#left !== undefined) this.#left = Math.max(SOON, this.#left - (now() - began));
    }
  }
}
