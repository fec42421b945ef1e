/**
 * The callers: who waits for what, until when. Each is answered once. Deadlines and signals end a wait here, and
 * nowhere else.
 * It may import the options, the seam and the clock; it knows nothing about what is waited for.
 *
 * @module
 */
import { now } from "../time/clock.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";
import type { LinkedList } from "./linked-list.ts";
import type { KVCallOptions, Milliseconds } from "../seam/kv-namespace.ts";
import { checkDeadline } from "../contract/options.ts";
import { givenDeadline } from "../seam/steps.ts";
import { listen, unlisten, type Abortable } from "./signals.ts";

/** What a caller needs to know of its client. */
export interface CallerTerms {
  readonly deadlines: Deadlines;
  readonly settings: { readonly deadline: Milliseconds };
}

/**
 * The caller of a method, who is answered once: by the result, by a failure, by the caller's own signal, or at the
 * deadline. What the caller waits for is another thing, which others may wait for as well, and which goes on without
 * this one.
 */
export abstract class Caller<Result> implements Deadline, Abortable {
  readonly promise: Promise<Result>;
  /** When the call was made, on the clock of `now()`. */
  readonly at: Milliseconds = now();
  /** When the caller stops waiting, on the same clock. */
  readonly end: Milliseconds;
  /** The deadline as it was given, for errors: of a step of a call, that of the whole call. */
  readonly deadline: Milliseconds;
  before: Deadline | undefined = undefined;
  after: Deadline | undefined = undefined;
  list: LinkedList<Deadline> | undefined = undefined;
  readonly #terms: CallerTerms;
  readonly #signal: AbortSignal | undefined;
  #resolve!: (result: Result) => void;
  #reject!: (reason: unknown) => void;
  #settled = false;

  /**
   * @param usual The default deadline.
   * @throws the signal's reason, if it is already aborted.
   */
  constructor(terms: CallerTerms, options: KVCallOptions, usual: Milliseconds = terms.settings.deadline) {
    const { signal, deadline } = options;
    signal?.throwIfAborted();
    checkDeadline(deadline);
    this.#terms = terms;
    this.#signal = signal;
    const duration = deadline ?? usual;
    this.end = this.at + duration;
    this.deadline = givenDeadline(options) ?? duration;
    this.promise = new Promise<Result>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (signal !== undefined) listen(signal, this);
    terms.deadlines.add(this, duration);
  }

  /** Leaves everything that the caller still waits for. */
  protected abstract leaveAll(): void;

  /** Returns why there is no result at the deadline. */
  protected abstract lateError(): unknown;

  /** Whether the caller may stop waiting before its end. */
  get mayAbort(): boolean {
    return this.#signal !== undefined;
  }

  get settled(): boolean {
    return this.#settled;
  }

  resolve(result: Result): void {
    if (this.#settle()) this.#resolve(result);
  }

  reject(reason: unknown): void {
    if (!this.#settle()) return;
    this.#reject(reason);
    this.leaveAll();
  }

  onAbort(reason: unknown): void {
    this.reject(reason);
  }

  onDeadline(): void {
    if (!this.#settled) this.reject(this.lateError());
  }

  /** Settles the caller; returns `false` if it was settled before. */
  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#terms.deadlines.remove(this);
    if (this.#signal !== undefined) unlisten(this.#signal, this);
    return true;
  }
}
