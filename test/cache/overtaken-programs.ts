import { withCache, type CachedKV } from "@kvplug/cache";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { streamOf } from "../support/bytes.ts";
import { EventualKV, type BackendCall } from "../support/eventual-kv.ts";
import { randomOf } from "../support/random.ts";
import { VirtualTime } from "../support/virtual-time.ts";

const HOUR = 3_600_000;
const KEYS = ["a", "ab"] as const;
type Key = (typeof KEYS)[number];

const FORGETS = ["invalidate", "invalidate prefix", "clearLocal", "message", "message about prefix"] as const;
const KINDS = [
  "get",
  "get bytes",
  "get(keys)",
  "put",
  "put stream",
  "delete",
  "wrap",
  "wrap and refresh",
  ...FORGETS,
] as const;

/** A call, and when it is made. */
interface Step {
  at: number;
  do: (typeof KINDS)[number];
  key: Key;
  /** How long a factory takes. */
  takes: number;
  /** How long its value is good. */
  ttl: number;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  at: fc.integer({ min: 0, max: 250 }),
  do: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom("get", "get bytes", "get(keys)") },
    { weight: 3, arbitrary: fc.constantFrom("put", "delete", "delete", "put stream") },
    { weight: 4, arbitrary: fc.constantFrom("wrap", "wrap and refresh") },
    { weight: 1, arbitrary: fc.constantFrom(...FORGETS) },
  ),
  key: fc.constantFrom(...KEYS),
  takes: fc.integer({ min: 0, max: 120 }),
  ttl: fc.constantFrom(1, 40, 100_000),
});
const anyProgram = fc.array(anyStep, { minLength: 2, maxLength: 24, size: "max" });

/** Something that leaves a value there, or forgets what is known: when it was called, and when it was over. */
interface Event {
  readonly kind: "write" | "stream" | "forget";
  readonly key: Key;
  readonly value: string | null;
  readonly called: number;
  confirmed?: number;
  failed?: number;
}

/** A read of the cache, and what it found. */
interface Read {
  readonly key: Key;
  readonly begun: number;
  readonly ended: number;
  readonly value: string | null;
}

/** A run of a program: all that happened gets a number, in its order. */
class Run {
  readonly #time = new VirtualTime();
  readonly #kv: EventualKV;
  readonly #cache: CachedKV;
  readonly #failures: number;
  readonly #stale: boolean;
  readonly #wrong: string[] = [];
  #says: (message: unknown) => void = () => {};
  #last = 0;
  readonly #events: Event[] = [];
  readonly #reads: Read[] = [];
  /** When the wrap began that made a value, and when it was made. */
  readonly #made = new Map<string, { began: number; ended: number }>();
  #open = 0;

  /** @param stale Whether copies become stale soon, and readers still get them. */
  constructor(seed: number, failures: number, stale: boolean) {
    this.#failures = failures;
    this.#stale = stale;
    this.#kv = new EventualKV({ random: randomOf(seed), count: () => this.#next(), failures });
    this.#cache = withCache(this.#kv.namespace, {
      max: 100,
      // Else longer than a program takes.
      ttl: stale ? 20 : HOUR,
      staleWhileRevalidate: stale ? HOUR : 0,
      staleIfError: stale ? HOUR : 0,
      bus: {
        publish: () => {},
        subscribe: (listener) => {
          this.#says = listener;
          return () => {};
        },
      },
    });
  }

  /** @returns What should not have been. */
  async all(program: readonly Step[]): Promise<string[]> {
    using time = this.#time;
    for (const key of KEYS) this.#kv.set(key, JSON.stringify(`first ${key}`));
    this.#kv.set("ab", null);
    for (const step of program) time.at(step.at, () => void this.#do(step));
    // Whatever happened, all of it is over by then, and what is known stays known.
    for (const key of KEYS)
      for (const at of [1000, 1100]) time.at(at, () => void this.#read(key, () => this.#cache.get(key)));
    await time.run();
    if (this.#open > 0) this.#wrong.push(`${this.#open} calls never settled`);
    return [...this.#wrong, ...this.#wrongReads(), ...this.#wrongStores()];
  }

  #next(): number {
    return ++this.#last;
  }

  async #do(step: Step): Promise<void> {
    const cache = this.#cache;
    const { key } = step;
    const id = this.#next();
    const text = JSON.stringify(`value ${id}`);
    switch (step.do) {
      case "get":
        return this.#read(key, () => cache.get(key));
      case "get bytes":
        return this.#read(key, async () => {
          const bytes = await cache.get(key, "arrayBuffer");
          return bytes && new TextDecoder().decode(bytes);
        });
      case "get(keys)":
        return this.#read(key, async () => (await cache.get(["a", "ab"])).get(key)!);
      case "put":
        return this.#write("write", key, text, () => cache.put(key, text));
      case "put stream":
        return this.#write("stream", key, text, () => cache.put(key, streamOf(new TextEncoder().encode(text))));
      case "delete":
        return this.#write("write", key, null, () => cache.delete(key));
      case "wrap":
      case "wrap and refresh":
        return this.#wrap(step, id);
      case "invalidate":
        return this.#forget([key], () => cache.invalidate(key));
      case "invalidate prefix":
        return this.#forget(
          KEYS.filter((one) => one.startsWith(key)),
          () => cache.invalidate({ prefix: key }),
        );
      case "clearLocal":
        return this.#forget(KEYS, () => cache.clearLocal());
      case "message":
        return this.#forget([key], () => this.#says({ from: "another", keys: [key] }));
      case "message about prefix":
        return this.#forget(
          KEYS.filter((one) => one.startsWith(key)),
          () => this.#says({ from: "another", prefix: key }),
        );
    }
  }

  async #read(key: Key, read: () => Promise<string | null>): Promise<void> {
    const begun = this.#next();
    this.#open++;
    try {
      const value = await read();
      this.#reads.push({ key, begun, ended: this.#next(), value });
    } catch (error) {
      this.#failed(error);
    }
    this.#open--;
  }

  async #write(kind: Event["kind"], key: Key, value: string | null, write: () => Promise<void>): Promise<void> {
    const event: Event = { kind, key, value, called: this.#next() };
    this.#events.push(event);
    this.#open++;
    try {
      await write();
      event.confirmed = this.#next();
    } catch (error) {
      event.failed = this.#next();
      this.#failed(error);
    }
    this.#open--;
  }

  #wrap({ key, takes, ttl, do: kind }: Step, id: number): Promise<void> {
    const factory = async (): Promise<string> => {
      const value = `made ${id}`;
      await new Promise((resolve) => setTimeout(resolve, takes));
      this.#made.set(JSON.stringify(value), { began: id, ended: this.#next() });
      return value;
    };
    const options = { ttl, ...(kind === "wrap and refresh" && { refreshThreshold: ttl }) };
    return this.#read(key, async () => JSON.stringify(await this.#cache.wrap(key, factory, options)));
  }

  /** It tells nothing, where calls of the backend fail. */
  #failed(error: unknown): void {
    if (this.#failures === 0) this.#wrong.push(`a call failed: ${String(error)}`);
  }

  #forget(keys: readonly Key[], forget: () => void): void {
    for (const key of keys) {
      const called = this.#next();
      this.#events.push({ kind: "forget", key, value: null, called, confirmed: called });
    }
    forget();
  }

  /** Reads that found what is older than something that happened before they began. */
  #wrongReads(): string[] {
    return this.#reads.flatMap(({ key, begun, ended, value }) => {
      const events = this.#events.filter((event) => event.key === key && event.called < ended);
      const before = events.filter(({ called }) => called < begun);
      const over = before.filter(({ confirmed = Infinity, failed = Infinity }) => Math.min(confirmed, failed) < begun);
      const lastOf = (some: readonly Event[]): number => some.reduce((last, { called }) => Math.max(last, called), 0);
      const happened = lastOf(over);
      // A write that failed may have taken effect. What was written before is known all the same.
      const written = lastOf(over.filter(({ failed }) => failed === undefined));
      const forgotten = lastOf(before.filter(({ kind }) => kind === "forget"));
      const isOf = (event: Event): boolean => event.kind !== "forget" && event.value === value;
      const isAllowed =
        events.some((event) => isOf(event) && event.called >= written) ||
        before.some((event) => isOf(event) && !over.includes(event)) ||
        this.#isMadeAfter(happened, value) ||
        this.#kv.writes.some((store) => {
          const made = store.value === value && value !== null ? this.#made.get(value) : undefined;
          // It is under way, and was not forgotten, or was stored before a write that failed.
          const isUnderWay = (store.ended ?? Infinity) > begun && made !== undefined && made.began > forgotten;
          return isUnderWay || (made !== undefined && made.began > written && made.ended < happened);
        }) ||
        this.#kv.reads.some((read) => read.key === key && read.value === value && read.begun > happened);
      if (!isAllowed) return [`read ${begun} of ${key} found ${value}, older than what happened at ${happened}`];
      // What was written last is known, unless something happened since, or it was read anew.
      const [last] = before.toSorted((one, other) => other.called - one.called);
      if (
        this.#stale ||
        last?.kind !== "write" ||
        (last.confirmed ?? Infinity) > begun ||
        lastOf(events) !== last.called
      )
        return [];
      if (value === last.value || this.#isMadeAfter(last.called, value)) return [];
      return [`read ${begun} of ${key} found ${value}, and not ${last.value}, which was written at ${last.called}`];
    });
  }

  #isMadeAfter(event: number, value: string | null): boolean {
    return value !== null && (this.#made.get(value)?.began ?? 0) > event;
  }

  /** Values of wrap that were stored, or took effect, though something came after that wrap began. */
  #wrongStores(): string[] {
    const wrong: string[] = [];
    const { writes, effects } = this.#kv;
    for (const store of writes) {
      const began = store.value === null ? undefined : this.#made.get(store.value)?.began;
      if (began === undefined) continue;
      const later = this.#events.filter((event) => event.key === store.key && event.called > began);
      for (const event of later) {
        if (event.kind === "forget" && event.called < store.begun) {
          wrong.push(`wrap ${began} stored ${store.value}, though ${store.key} was forgotten at ${event.called}`);
        }
        if (event.kind === "forget" || event.confirmed === undefined) continue;
        const isUndone = (effect: BackendCall): boolean => effect.key === store.key && effect.value === event.value;
        if (effects.indexOf(store) > effects.findLastIndex(isUndone)) {
          wrong.push(`wrap ${began} stored ${store.value} over ${event.value}, written at ${event.called}`);
        }
      }
    }
    return wrong;
  }
}

/** Tests random programs, so many of each kind. */
export function describeOvertakenPrograms(numRuns: number): void {
  describe("what was read or made before something happened to its key changes nothing that comes after it", () => {
    test.for([
      ["as it comes", 0, false],
      ["among failures", 0.3, false],
      ["with stale copies", 0, true],
      ["with stale copies, among failures", 0.3, true],
    ] as const)("%s", async ([, failures, stale]) => {
      await fc.assert(
        fc.asyncProperty(anyProgram, fc.nat(), async (program, seed) => {
          expect(await new Run(seed, failures, stale).all(program)).toEqual([]);
        }),
        { numRuns },
      );
    });
  });
}
