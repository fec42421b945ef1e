import type { CallerTerms } from "../calls/caller.ts";
import { now } from "../time/clock.ts";
import type { Deadline } from "../calls/deadlines.ts";
import type { LinkedList } from "../calls/linked-list.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";

/** Bounds the wait for the next item of a source. */
export class SourceSilence implements Deadline {
  before: Deadline | undefined = undefined;
  after: Deadline | undefined = undefined;
  list: LinkedList<Deadline> | undefined = undefined;
  end: Milliseconds = 0;
  readonly #terms: CallerTerms;
  readonly #stepDeadline: Milliseconds;
  readonly #onSilent: () => void;

  constructor(terms: CallerTerms, stepDeadline: Milliseconds, onSilent: () => void) {
    this.#terms = terms;
    this.#stepDeadline = stepDeadline;
    this.#onSilent = onSilent;
  }

  begin(): void {
    this.end = now() + this.#stepDeadline;
    this.#terms.deadlines.add(this, this.#stepDeadline);
  }

  over(): void {
    this.#terms.deadlines.remove(this);
  }

  onDeadline(): void {
    this.#onSilent();
  }
}
