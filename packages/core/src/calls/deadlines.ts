import { LinkedList, type Linked } from "./linked-list.ts";
import { now } from "../time/clock.ts";
import { KVError, type KVErrorDetails } from "../seam/errors.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import { startTimer, type Timer } from "../time/timer.ts";

/** Something that ends at a moment, unless it is settled before. */
export interface Deadline extends Linked<Deadline> {
  /** The moment, on the clock of {@link now}. */
  readonly end: Milliseconds;
  onDeadline(): void;
}

/**
 * The error of a caller whose deadline passed.
 *
 * @param when Before or during what, up to the end of the sentence.
 */
export function deadlinePassed(deadline: Milliseconds, when: string, details?: KVErrorDetails): KVError {
  return new KVError("KV_TIMEOUT", `The deadline of ${deadline} ms passed ${when}`, details);
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
    // Its timer stays, so that lone calls need none of their own.
    this.#usual = new Queue(usual, (queue) => queue.rest());
  }

  /** @param duration How long it is from now until the deadline: as it was given, since what is computed differs by a bit. */
  add(deadline: Deadline, duration: Milliseconds): void {
    if (duration === Number.POSITIVE_INFINITY) return;
    if (duration === this.#usual.duration) return this.#usual.add(deadline);
    let queue = this.#others.get(duration);
    if (queue === undefined) {
      queue = new Queue(duration, (empty) => {
        empty.stop();
        this.#others.delete(duration);
      });
      this.#others.set(duration, queue);
    }
    queue.add(deadline);
  }

  /** Does nothing for one that is not waited for. */
  remove(deadline: Deadline): void {
    (deadline.list as Queue | undefined)?.remove(deadline);
  }
}

/** Deadlines in the order of their ends. */
class Queue extends LinkedList<Deadline> {
  readonly duration: Milliseconds;
  readonly #onEmpty: (queue: Queue) => void;
  #timer: Timer | undefined;

  constructor(duration: Milliseconds, onEmpty: (queue: Queue) => void) {
    super();
    this.duration = duration;
    this.#onEmpty = onEmpty;
  }

  override add(deadline: Deadline): void {
    super.add(deadline);
    if (this.#timer === undefined) this.#wakeIn(this.duration);
    // A waiting caller keeps the process alive.
    else if (this.size === 1) keep(this.#timer);
  }

  remove(deadline: Deadline): void {
    if (this.delete(deadline) && this.size === 0) this.#onEmpty(this);
  }

  /** While it is empty its timer keeps no process alive. */
  rest(): void {
    if (this.#timer !== undefined) letGo(this.#timer);
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
    for (let deadline = this.first; deadline !== undefined; deadline = this.first) {
      if (deadline.end > at) return this.#wakeIn(deadline.end - at);
      this.delete(deadline);
      deadline.onDeadline();
    }
    this.#onEmpty(this);
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
