import { setTimeout as sleep } from "node:timers/promises";
import { withCache, type CacheBound, type CacheOptions, type CachedKV } from "@kvplug/cache";
import type { KVClientOptions } from "@kvplug/core";
import type { Milliseconds } from "@kvplug/core/seam";
import type { ServerOptions } from "@kvplug/server";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { History, type State } from "../support/history.ts";
import { startRest } from "../support/rest.ts";

/** A call that is made and not awaited, and how long the next one waits: nothing, a tick, or milliseconds. */
interface Call {
  do: "put" | "delete" | "get" | "get bytes" | "getWithMetadata" | "get(keys)";
  keys: string[];
  pause: number | "tick" | undefined;
}

const anyCall: fc.Arbitrary<Call> = fc.record({
  do: fc.constantFrom<Call["do"][]>(
    "put",
    "put",
    "put",
    "delete",
    "delete",
    "get",
    "get",
    "get",
    "get bytes",
    "getWithMetadata",
    "get(keys)",
  ),
  keys: fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1 }),
  pause: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.constant("tick" as const) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 15 }) },
  ),
});
const anyProgram = fc.array(anyCall, { minLength: 1, maxLength: 40, size: "max" });

// Longer than a program takes, and than the backend shows what is old.
const OPTIONS: CacheOptions & CacheBound = { max: 100, ttl: 3_600_000 };

/** For what never comes: no machine is so slow. */
const HANG: Milliseconds = 90_000;

/** Tests random programs: so much of the runs that the full form has. */
export function describePrograms(share: number): void {
  describe.concurrent("through one cache, a backend that shows old values shows none", () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    beforeAll(() => void process.on("unhandledRejection", note));
    afterAll(() => {
      process.off("unhandledRejection", note);
      expect(unhandled).toEqual([]);
    });

    const EVENTUAL: ServerOptions = { consistency: "eventual", latency: [0, 6] };
    const FAILING: ServerOptions = { ...EVENTUAL, faults: { errors: 0.15, drops: 0.1 } };

    test.for<[string, runs: number, ServerOptions, KVClientOptions, Partial<CacheOptions>]>([
      ["as it comes", 25, EVENTUAL, {}, {}],
      ["without batches", 20, EVENTUAL, { batch: false }, {}],
      ["among failures", 25, FAILING, { retry: false }, {}],
      [
        "among failures, with a circuit",
        20,
        FAILING,
        { retry: false },
        { staleIfError: 1000, circuit: { failures: 2 } },
      ],
    ])("%s", async ([, allRuns, unkind, driver, more], { expect }) => {
      const numRuns = Math.ceil(allRuns * share);
      let reads = 0;
      await fc.assert(
        fc.asyncProperty(anyProgram, fc.nat(), async (program, seed) => {
          const { kv, server, close } = await startRest({ ...unkind, seed }, driver);
          for (const key of ["a", "b", "c"])
            await server.kv("test").put(key, `first ${key}`, { metadata: `first ${key}` });
          const cached = withCache(kv, { ...OPTIONS, ...more });
          const run = new Run(cached);
          const found = await Promise.race([
            run.all(program),
            sleep(HANG, ["a promise stays pending"], { ref: false }),
          ]);
          expect(found).toEqual([]);
          await cached.close();
          await close();
          reads += run.reads;
        }),
        { numRuns },
      );
      expect(reads).toBeGreaterThan(numRuns);
    });
  });
}

/** A run of one program, which notes all that should not be. */
class Run {
  reads = 0;
  readonly #kv: CachedKV;
  readonly #history = new History();
  readonly #wrong: string[] = [];
  #count = 0;

  constructor(kv: CachedKV) {
    this.#kv = kv;
  }

  async all(program: readonly Call[]): Promise<string[]> {
    const made: Promise<void>[] = [];
    for (const call of program) {
      made.push(this.#make(call));
      if (call.pause === "tick") await new Promise((resolve) => setImmediate(resolve));
      else if (call.pause !== undefined) await sleep(call.pause);
    }
    await Promise.all(made);
    // Whatever happened, the end is known.
    for (const key of this.#history.keys()) await this.#read([key], async () => [await this.#kv.get(key)]);
    return this.#wrong;
  }

  async #make({ do: kind, keys }: Call): Promise<void> {
    const kv = this.#kv;
    const [key] = keys as [string];
    const value = `value ${this.#count++}`;
    switch (kind) {
      case "put":
        return this.#write(key, value, () => kv.put(key, value, { metadata: value }));
      case "delete":
        return this.#write(key, null, () => kv.delete(key));
      case "get":
        return this.#read([key], async () => [await kv.get(key)]);
      case "get bytes":
        return this.#read([key], async () => {
          const bytes = await kv.get(key, "arrayBuffer");
          return [bytes && Buffer.from(bytes).toString()];
        });
      case "getWithMetadata":
        return this.#read([key], async () => {
          const found = await kv.getWithMetadata(key);
          if (found.value !== found.metadata)
            this.#wrong.push(`${key}: ${found.value} with the metadata of ${String(found.metadata)}`);
          return [found.value];
        });
      case "get(keys)":
        return this.#read(keys, async () => [...(await kv.get(keys)).values()]);
    }
  }

  async #write(key: string, state: State, write: () => Promise<void>): Promise<void> {
    const number = this.#history.called(key, state, true);
    try {
      await write();
      this.#history.acknowledged(key, number);
    } catch {
      this.#history.rejected(key, number);
    }
  }

  async #read(keys: string[], read: () => Promise<State[]>): Promise<void> {
    const from = keys.map((key) => this.#history.firstToRead(key));
    const found = await read().catch(() => undefined);
    for (const [i, state] of (found ?? []).entries()) {
      this.reads++;
      const key = keys[i]!;
      // What was there before the first write tells nothing.
      const isFirst = from[i] === 0 && state === `first ${key}`;
      if (!isFirst && !this.#history.isFrom(key, from[i]!, state))
        this.#wrong.push(`${key} was read as ${state}, older than write ${from[i]}`);
    }
  }
}
