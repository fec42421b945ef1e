import type { Milliseconds } from "./kv-namespace.ts";

/** What a call of weight 1 puts off those that follow it in its flow: far more than a request takes. */
const TURN: Milliseconds = 1000;

/**
 * The name of an option by which a call says in which {@link Flow} it is. Whoever asks on behalf of others sets it, so that
 * one of them does not hold up the rest; all other calls come in the order in which they are made.
 */
export const FLOW: unique symbol = Symbol.for("kvplug.flow");

/** Options of a call that may be in a flow. */
export interface InFlow {
  readonly [FLOW]?: Flow | undefined;
}

/**
 * The calls of one who shares a client with others. While calls of several flows wait, each flow has turns by its weight,
 * however many of its calls wait; a call that finds none of its flow waiting comes nearly at once.
 */
export class Flow {
  readonly #step: Milliseconds;
  #waiting = 0;
  #last: Milliseconds = 0;

  /** @param weight How many keys it may have for each of a flow with the weight 1. */
  constructor(weight: number) {
    this.#step = TURN / weight;
  }

  /** The turn of one more key, on the clock of those who wait. */
  next(now: Milliseconds): Milliseconds {
    const last = this.#waiting++ === 0 ? now : Math.max(now, this.#last);
    return (this.#last = last + this.#step);
  }

  /** Of this flow and another, the one whose turns come sooner. */
  sooner(other: Flow): Flow {
    return other.#step < this.#step ? other : this;
  }

  /** One of them waits no more. */
  done(): void {
    this.#waiting--;
  }
}

/**
 * The name of a method that a namespace may have beside those of `KVNamespace`: a key that waits there to be read waits in
 * one more flow from now on. A cache in front of it calls this for those who join a read that another has begun.
 */
export const JOIN_FLOW: unique symbol = Symbol.for("kvplug.joinFlow");

/** A namespace that has it. */
export interface FlowJoiner {
  [JOIN_FLOW](key: string, flow: Flow): void;
}

/** Whether a namespace has it. */
export function joinsFlows(kv: object): kv is FlowJoiner {
  return typeof (kv as Partial<FlowJoiner>)[JOIN_FLOW] === "function";
}

/** The flow of a call, if any. */
export function flowOf(options: object | undefined): Flow | undefined {
  return typeof options === "object" && options !== null ? (options as InFlow)[FLOW] : undefined;
}
