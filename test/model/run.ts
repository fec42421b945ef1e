import { withCache, type CacheOptions } from "@kvplug/cache";
import { createKV, type KV, type KVClientOptions, type KVOptions, type Milliseconds } from "@kvplug/core";
import { VirtualTime } from "./virtual-time.ts";
import { FakeApi } from "./fake-api.ts";
import { FakeDispatcher, fakeFetch } from "./fake-transports.ts";
import { History } from "./history.ts";
import { breaches } from "./laws.ts";
import { RecordedKV } from "./recorded-kv.ts";
import { BASE_URL } from "./requests.ts";
import { Store, type ApiOptions } from "./store.ts";

/** Where a program runs. */
export interface Setup {
  readonly client?: KVClientOptions;
  readonly api?: ApiOptions;
  /** Of a cache in front of the driver. Default: there is none. */
  readonly cache?: CacheOptions;
  /** Default: a dispatcher. */
  readonly transport?: "dispatcher" | "fetch";
  /** Of the driver's own chance: the jitter of its waits. Default: 1. */
  readonly chance?: number;
}

/** What a program works with. */
export interface Tools {
  readonly kv: RecordedKV;
  /** Lets time pass; 0 is the rest of this turn of the event loop. */
  wait(time: Milliseconds): Promise<void>;
  /** A signal that is aborted after a time; 0: as soon as the call that gets it is made. */
  abortedAfter(time: Milliseconds): AbortSignal;
}

/** A program that takes more timers goes on for good. */
const MOST_TIMERS = 5_000;

/** `Date.now()` at the start. */
const EPOCH = Date.UTC(2026, 0, 1);

/**
 * Runs a program to its end on a virtual clock: until its calls are settled, it is closed, and nothing is left to come.
 *
 * @param open Opens the driver.
 */
export async function run(
  setup: Setup,
  program: (tools: Tools) => Promise<void> | void,
  open: (options: KVClientOptions) => KV = createKV,
): Promise<History> {
  using time = new VirtualTime();
  using _ = virtualChance(time, setup.chance ?? 1);
  const history = new History();
  const note = (reason: unknown): void => void history.unhandled.push(reason);
  process.on("unhandledRejection", note);
  try {
    const api = new FakeApi(new Store(history, setup.api ?? {}));
    const { deadline = 60_000 } = setup.client ?? {};
    const options: KVOptions = {
      baseURL: BASE_URL,
      accountId: "account",
      namespaceId: "namespace",
      apiToken: "token",
      ...(setup.transport === "fetch" ? { fetch: fakeFetch(api) } : { dispatcher: new FakeDispatcher(api) }),
      ...setup.client,
    };
    const kv = open(options);
    const cached = setup.cache && withCache(kv, { max: 100, ...setup.cache });
    const recorded = new RecordedKV(kv, cached, history, deadline);
    const tools: Tools = {
      kv: recorded,
      wait: (delay) => new Promise((resolve) => time.at(time.now + delay, resolve)),
      abortedAfter: (delay) => {
        const controller = new AbortController();
        const abort = (): void => controller.abort(new Error("aborted by the program"));
        if (delay === 0) queueMicrotask(abort);
        else time.at(time.now + delay, abort);
        return controller.signal;
      },
    };
    const all = async (): Promise<void> => {
      await program(tools);
      // Each must settle by itself, and not only since it was closed.
      await recorded.settled();
      await recorded.close();
      await tools.wait(0);
      history.holding = time.holding;
    };
    void all().catch(note);
    await new Promise((resolve) => setImmediate(resolve));
    await time.run(MOST_TIMERS).catch(note);
    return history;
  } finally {
    process.off("unhandledRejection", note);
  }
}

/** Runs a program; throws what it breaks of the laws. */
export async function holds(
  setup: Setup,
  program: (tools: Tools) => Promise<void> | void,
  open?: (options: KVClientOptions) => KV,
): Promise<History> {
  const history = await run(setup, program, open);
  const broken = breaches(history, setup);
  if (broken.length > 0) throw new Error(broken.join("\n"));
  return history;
}

/** Makes `Math.random` and `Date` repeatable. */
function virtualChance(time: VirtualTime, seed: number): Disposable {
  const real = { random: Math.random, now: Date.now };
  let state = seed >>> 0;
  Math.random = () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  Date.now = () => EPOCH + time.now;
  return {
    [Symbol.dispose]: () => {
      Math.random = real.random;
      Date.now = real.now;
    },
  };
}
