/**
 * A virtual clock for simulations of hours: timers fire in order, and what they set off (promises,
 * `process.nextTick`) runs to its end before the next one, at the cost of two real `setImmediate` each.
 */
export class VirtualTime {
  readonly #real = { setTimeout, clearTimeout, now: performance.now };
  readonly #timers: Timer[] = [];
  #now = 0;
  #lastId = 0;

  constructor() {
    globalThis.setTimeout = ((run: () => void, delay = 0) => {
      const timer = this.at(this.#now + Math.max(1, delay), run);
      timer.holds = true;
      return timer;
    }) as unknown as typeof setTimeout;
    globalThis.clearTimeout = ((timer: Timer | undefined) => {
      if (timer) timer.run = undefined;
    }) as typeof clearTimeout;
    performance.now = () => this.#now;
  }

  get now(): number {
    return this.#now;
  }

  /** Calls a function at a time. */
  at(time: number, run: () => void): Timer {
    const timer = new Timer(time, this.#lastId++, run);
    push(this.#timers, timer);
    return timer;
  }

  /** How many timers of `setTimeout` would hold the process now. */
  get holding(): number {
    return this.#timers.filter(({ run, holds }) => run !== undefined && holds).length;
  }

  /**
   * Lets time pass until nothing is left to do.
   *
   * @param most How many timers may fire, for what would go on for good. Default: any number.
   * @throws when more than that are due.
   */
  async run(most: number = Number.POSITIVE_INFINITY): Promise<void> {
    let fired = 0;
    for (let timer = pop(this.#timers); timer; timer = pop(this.#timers)) {
      if (timer.run === undefined) continue;
      if (++fired > most) throw new Error(`At ${this.#now} ms there is still something to do, after ${most} timers.`);
      this.#now = timer.time;
      timer.run();
      await turn();
      // undici ends a stream that broke in a turn of its own.
      await turn();
    }
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, { setTimeout: this.#real.setTimeout, clearTimeout: this.#real.clearTimeout });
    performance.now = this.#real.now;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Timer {
  readonly time: number;
  readonly id: number;
  run: (() => void) | undefined;
  /** Whether it is one of `setTimeout`, and holds the process. */
  holds = false;

  constructor(time: number, id: number, run: () => void) {
    this.time = time;
    this.id = id;
    this.run = run;
  }

  unref(): this {
    this.holds = false;
    return this;
  }
}

const before = (a: Timer, b: Timer): boolean => a.time < b.time || (a.time === b.time && a.id < b.id);

/** Adds to a binary heap. */
function push(heap: Timer[], timer: Timer): void {
  let at = heap.push(timer) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(heap[at]!, heap[parent]!)) return;
    [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
    at = parent;
  }
}

/** Takes the first of a binary heap. */
function pop(heap: Timer[]): Timer | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (heap.length === 0 || last === undefined) return first;
  heap[0] = last;
  for (let at = 0; ;) {
    let least = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < heap.length && before(heap[child]!, heap[least]!)) least = child;
    }
    if (least === at) return first;
    [heap[at], heap[least]] = [heap[least]!, heap[at]!];
    at = least;
  }
}
