import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Milliseconds } from "@kvplug/core/seam";
import { Heap } from "./heap.ts";

/** What undici publishes of each request; Node's own `fetch` is undici as well. */
const BEGUN = "undici:request:create";
/** When it is no longer under way. What has begun to be answered may never be read to its end. */
const OVER = ["undici:request:headers", "undici:request:error"];
/** What happens besides, at its client and at a server of this process. */
const MOVED = [
  "undici:client:sendHeaders",
  "undici:request:bodyChunkSent",
  "undici:request:bodyChunkReceived",
  "undici:request:trailers",
  "http.server.request.start",
  "http.server.response.finish",
];
/** Turns of the event loop that a step between two sockets of this process does not take. */
const QUIET_TURNS = 50;

/** How virtual time is told apart from idling. */
export interface VirtualTimeOptions {
  /**
   * The paths of the requests that {@link VirtualTime.until} waits for. Default: all. Where a page asks KV,
   * name KV's: the request of the page itself waits as long as the app does.
   */
  readonly awaited?: RegExp;
}

/** Resolves after a time on the clock of this process, which a {@link VirtualTime} moves. */
export function wait(time: Milliseconds): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}

/**
 * A clock that stands until it is told to go on: `Date`, `performance.now()` and `setTimeout()` of this process, and so
 * of drivers, caches, adapters and of a server whose `now` is `Date.now`. What travels over sockets takes no time on it.
 * `node:timers` stay real.
 */
export class VirtualTime {
  readonly #real = { setTimeout, Date, now: performance.now };
  readonly #began = { date: Date.now(), performance: Math.ceil(performance.now()) };
  readonly #due = new Heap<Due>((a, b) => a.time < b.time || (a.time === b.time && a.id < b.id));
  readonly #underWay: Set<object> = new Set();
  readonly #awaited: RegExp | undefined;
  /** How often something happened to a request, or began. */
  #events = 0;
  #lastId = 0;
  #now: Milliseconds = 0;
  #referenced = 0;
  /** How many wait in {@link until}. */
  #waiting = 0;
  #passing = false;
  #over = false;

  constructor({ awaited }: VirtualTimeOptions = {}) {
    this.#awaited = awaited;
    const start = (run: (...args: unknown[]) => void, delay?: Milliseconds, ...args: unknown[]): VirtualTimer =>
      new VirtualTimer(this, () => run(...args), Math.max(1, Number(delay) || 0));
    globalThis.setTimeout = start as unknown as typeof setTimeout;
    letClearTimeoutKnowVirtualTimers();
    globalThis.Date = this.#date();
    performance.now = () => this.#began.performance + this.#now;
    subscribe(BEGUN, this.#begin);
    for (const channel of OVER) subscribe(channel, this.#end);
    for (const channel of MOVED) subscribe(channel, this.#move);
  }

  /** How much time has passed. */
  get now(): Milliseconds {
    return this.#now;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Calls a function at a time, counted from the beginning. */
  at(time: Milliseconds, run: () => void): VirtualTimer {
    return new VirtualTimer(this, run, time - this.#now);
  }

  /** Lets so much time pass at once. What timers set off is not waited for. A negative time sets the clock back. */
  advance(time: Milliseconds): void {
    const end = this.#now + time;
    for (let due = this.#next(); due !== undefined && due.time <= end; due = this.#next()) this.#fire();
    this.#now = end;
  }

  /** Sets `Date` forward or back, as people and time servers do. No time passes. */
  setClock(by: Milliseconds): void {
    this.#began.date += by;
  }

  /**
   * Waits for a promise, and lets time pass from timer to timer wherever nothing else is left to wait for: no request
   * waits for its answer, and nothing happens between the sockets of this process. As in Node, a timer that is unreferenced
   * is nothing to wait for.
   */
  async until<Result>(promise: Promise<Result>): Promise<Result> {
    this.#waiting++;
    // What it begins with may take some turns.
    this.#events++;
    if (!this.#passing) void this.#pass();
    try {
      return await promise;
    } finally {
      this.#waiting--;
    }
  }

  /** Lets time pass until nothing is left to do, where there are no sockets: hours of it, at a turn for each timer. */
  async run(): Promise<void> {
    while (this.#referenced > 0) {
      this.#fire();
      await nextTurn();
    }
  }

  /** From now on time is real again, also for the timers that are left: undici, for one, has some that outlive a test. */
  [Symbol.dispose](): void {
    this.#over = true;
    const { now, ...real } = this.#real;
    Object.assign(globalThis, real);
    performance.now = now;
    for (let due = this.#next(); due !== undefined; due = this.#next()) {
      this.#due.pop();
      due.timer.goOn(due.time - this.#now);
    }
    unsubscribe(BEGUN, this.#begin);
    for (const channel of OVER) unsubscribe(channel, this.#end);
    for (const channel of MOVED) unsubscribe(channel, this.#move);
  }

  /** For timers: what is to be called, and when. */
  schedule(timer: VirtualTimer, time: Milliseconds): void {
    this.#due.push({ time, id: this.#lastId++, timer, start: timer.starts });
  }

  /** For timers: one more, or one less, to wait for. */
  reference(change: 1 | -1): void {
    this.#referenced += change;
  }

  /** Lets time pass for as long as anybody waits. */
  async #pass(): Promise<void> {
    this.#passing = true;
    while (this.#waiting > 0 && !this.#over) {
      if (!(await this.#isQuiet()) || this.#waiting === 0) continue;
      if (this.#underWay.size === 0 && this.#referenced > 0) this.#fire();
      // They wait for what is no timer of this process: a request, another process, a thread.
      else await new Promise((resolve) => this.#real.setTimeout(resolve, 1));
    }
    this.#passing = false;
  }

  /** Whether nothing happens to any request for a while. */
  async #isQuiet(): Promise<boolean> {
    const before = this.#events;
    for (let turn = 0; turn < QUIET_TURNS; turn++) {
      await nextTurn();
      if (this.#events !== before) return false;
    }
    return true;
  }

  /** What is to be called next; what was stopped is dropped on the way. */
  #next(): Due | undefined {
    for (let due = this.#due.peek(); due !== undefined; due = this.#due.peek()) {
      if (due.timer.starts === due.start) return due;
      this.#due.pop();
    }
    return undefined;
  }

  /** Lets time pass until then, and calls it. */
  #fire(): void {
    if (this.#next() === undefined) return;
    const { time, timer } = this.#due.pop()!;
    this.#now = Math.max(this.#now, time);
    timer.fire();
  }

  /** `Date`, by this clock. */
  #date(): DateConstructor {
    const now = (): number => Math.floor(this.#began.date + this.#now);
    return new Proxy(this.#real.Date, {
      construct: (RealDate, args, called) =>
        Reflect.construct(RealDate, args.length > 0 ? args : [now()], called) as object,
      apply: () => new this.#real.Date(now()).toString(),
      get: (RealDate, name) => (name === "now" ? now : (Reflect.get(RealDate, name) as unknown)),
    });
  }

  readonly #begin = (message: unknown): void => {
    const { request } = message as { request: { path: string } };
    this.#events++;
    if (this.#awaited === undefined || this.#awaited.test(request.path)) this.#underWay.add(request);
  };

  readonly #move = (): void => void this.#events++;

  readonly #end = (message: unknown): void => {
    this.#events++;
    this.#underWay.delete((message as { request: object }).request);
  };
}

/** What `setTimeout` returns, as far as anybody uses it. */
class VirtualTimer {
  readonly #clock: VirtualTime;
  readonly #run: () => void;
  readonly #delay: Milliseconds;
  #waits = false;
  #referenced = true;
  #successor: ReturnType<typeof setTimeout> | undefined;
  /** How often it was started or stopped: what was scheduled before is no longer. */
  starts = 0;

  constructor(clock: VirtualTime, run: () => void, delay: Milliseconds) {
    this.#clock = clock;
    this.#run = run;
    this.#delay = delay;
    this.refresh();
  }

  refresh(): this {
    if (this.#clock.isOver) return this.goOn(this.#delay);
    this.starts++;
    this.#wait(true);
    this.#clock.schedule(this, this.#clock.now + this.#delay);
    return this;
  }

  clear(): void {
    this.starts++;
    this.#wait(false);
    clearTimeout(this.#successor);
  }

  fire(): void {
    this.clear();
    this.#run();
  }

  ref(): this {
    if (!this.#referenced && this.#waits) this.#clock.reference(1);
    this.#referenced = true;
    return this;
  }

  unref(): this {
    if (this.#referenced && this.#waits) this.#clock.reference(-1);
    this.#referenced = false;
    return this;
  }

  hasRef(): boolean {
    return this.#referenced;
  }

  /** Beyond its clock a timer is on the one that there is then, and nobody waits for it. */
  goOn(delay: Milliseconds): this {
    clearTimeout(this.#successor);
    this.#successor = setTimeout(this.#run, delay);
    this.#successor.unref();
    return this;
  }

  /** For {@link letClearTimeoutKnowVirtualTimers}: another file of the process may have loaded this class anew. */
  clearVirtual(): void {
    this.clear();
  }

  #wait(waits: boolean): void {
    if (this.#referenced && waits !== this.#waits) this.#clock.reference(waits ? 1 : -1);
    this.#waits = waits;
  }
}

/** Where `clearTimeout` is told that it knows virtual timers. */
const KNOWS = Symbol.for("kvplug:knowsVirtualTimers");

/** `clearTimeout` also for who holds a virtual timer beyond its clock: it stays, and is put there once. */
function letClearTimeoutKnowVirtualTimers(): void {
  const real = globalThis.clearTimeout;
  if (KNOWS in real) return;
  const clear = (timer: unknown): void => {
    if (typeof (timer as Partial<VirtualTimer> | null | undefined)?.clearVirtual === "function")
      (timer as VirtualTimer).clearVirtual();
    else real(timer as NodeJS.Timeout);
  };
  globalThis.clearTimeout = Object.assign(clear, { [KNOWS]: true });
}

/** A call of a timer that is to come. */
interface Due {
  readonly time: Milliseconds;
  readonly id: number;
  readonly timer: VirtualTimer;
  readonly start: number;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
