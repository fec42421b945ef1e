import { LinkedList, type Linked } from "./linked-list.ts";
import { now } from "../time/clock.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import { startTimer, type Timer } from "../time/timer.ts";

/** Something that ends at a moment, unless it is settled before. */
export interface Deadline extends Linked<Deadline> {
  /** The moment, on the clock of {@link now}. */
  readonly end: Milliseconds;
  onDeadline(): void;
}

/**
 * The deadlines of a client's callers. Nearly all callers have the same deadline, so later ones end later: they stay in
 * a queue with one timer, and enter and leave it in constant time.
 */
export class Deadlines {
  readonly #usual: Queue;
  readonly #others: Map<Milliseconds, Queue> = new Map();

  /** @param usual The default deadline, from the call on. */
  constructor(usual: Milliseconds) {
    this.#usual = new Queue(usual);
  }

  /** @param duration How long it is from now until the deadline. Pass the same one to {@link remove}. */
  add(deadline: Deadline, duration: Milliseconds): void {
    if (duration === Number.POSITIVE_INFINITY) return;
    if (duration === this.#usual.duration) return this.#usual.add(deadline);
    let queue = this.#others.get(duration);
    if (queue === undefined) this.#others.set(duration, (queue = new Queue(duration)));
    queue.add(deadline);
  }

  remove(deadline: Deadline, duration: Milliseconds): void {
    if (duration === this.#usual.duration) return this.#usual.remove(deadline);
    const queue = this.#others.get(duration);
    queue?.remove(deadline);
    if (queue?.isEmpty) {
      queue.stop();
      this.#others.delete(duration);
    }
  }
}

/** Deadlines in the order of their ends. */
class Queue {
  readonly duration: Milliseconds;
  readonly #waiting: LinkedList<Deadline> = new LinkedList();
  #timer: Timer | undefined;

  constructor(duration: Milliseconds) {
    this.duration = duration;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  add(deadline: Deadline): void {
    this.#waiting.add(deadline);
    if (this.#timer === undefined) this.#wakeIn(this.duration);
    // A waiting caller keeps the process alive.
    else if (this.#waiting.size === 1) keep(this.#timer);
  }

  remove(deadline: Deadline): void {
    // The timer stays, so that lone calls need none of their own.
    if (this.#waiting.delete(deadline) && this.isEmpty && this.#timer !== undefined) letGo(this.#timer);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wakeIn(time: Milliseconds): void {
    this.#timer = startTimer(() => this.#wake(), time);
  }

  #wake(): void {
    this.#timer = undefined;
    const at = now();
    for (let deadline = this.#waiting.first; deadline !== undefined; deadline = this.#waiting.first) {
      if (deadline.end > at) return this.#wakeIn(deadline.end - at);
      this.#waiting.delete(deadline);
      deadline.onDeadline();
    }
  }
}

/** Node's timers can let a process end; those of other platforms are numbers. */
interface NodeTimer {
  ref?(): void;
  unref?(): void;
}

function keep(timer: Timer): void {
  (timer as NodeTimer).ref?.();
}

function letGo(timer: Timer): void {
  (timer as NodeTimer).unref?.();
}
