import { setTimeout as sleep } from "node:timers/promises";
import type { KV, KVClientOptions } from "@kvplug/core";
import type { Milliseconds } from "@kvplug/core/seam";
import type { ServerOptions } from "@kvplug/server";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { History, type State } from "../support/history.ts";
import { startRest } from "../support/rest.ts";

/** A call that is made and not awaited, and how long the next one waits: nothing, a tick, or milliseconds. */
interface Call {
  do: "put" | "putMany" | "delete" | "deleteMany" | "get" | "getWithMetadata" | "get(keys)";
  keys: string[];
  pause: number | "tick" | undefined;
}

const anyCall: fc.Arbitrary<Call> = fc.record({
  do: fc.constantFrom(
    "put",
    "put",
    "put",
    "putMany",
    "delete",
    "delete",
    "deleteMany",
    "get",
    "get",
    "getWithMetadata",
    "get(keys)",
  ),
  keys: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { minLength: 1 }),
  pause: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.constant("tick" as const) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 30 }) },
  ),
});
const anyProgram = fc.array(anyCall, { minLength: 1, maxLength: 50, size: "max" });

const UNKIND: ServerOptions = {
  faults: { errors: 0.1, drops: 0.08, html: 0.04, unsuccessfulKeys: 0.15 },
  latency: [0, 8],
  rateLimit: { requests: 20, window: 1000 },
  writeLimit: { interval: 50, burst: 1 },
};
const PATIENT: KVClientOptions = {
  deadline: 600_000,
  retry: { minDelay: 1, maxDelay: 20, attempts: 50 },
  writeInterval: 50,
};

/** For what never comes: no machine is so slow. */
const HANG: Milliseconds = 90_000;

/** Tests random programs: so much of the runs that the full form has. */
export function describePrograms(share: number): void {
  describe.concurrent("programs of concurrent calls against an unkind server lose nothing", () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    beforeAll(() => void process.on("unhandledRejection", note));
    afterAll(() => {
      process.off("unhandledRejection", note);
      expect(unhandled).toEqual([]);
    });

    // Each waits most of the time.
    test.for<[string, runs: number, KVClientOptions]>([
      ["as the driver comes", 40, {}],
      ["with small batches, one at a time", 30, { batch: { maxKeys: 2, maxBytes: 200, maxInFlight: 1 } }],
      ["without batches", 30, { batch: false }],
      // Each 429 costs it a second.
      ["when it keeps no pace, and no budget", 10, { writeInterval: 0, rateLimit: false }],
      ["when it gives up early", 30, { retry: { minDelay: 1, maxDelay: 20, attempts: 2 } }],
    ])("%s", async ([, allRuns, options], { expect }) => {
      const numRuns = Math.ceil(allRuns * share);
      let calls = 0;
      let rejections = 0;
      await fc.assert(
        fc.asyncProperty(anyProgram, fc.nat(), async (program, seed) => {
          const { kv, server, close } = await startRest({ ...UNKIND, seed }, { ...PATIENT, ...options });
          const run = new Run(kv, options.retry === undefined, (key) => server.kv("test").get(key));
          const found = await Promise.race([
            run.all(program),
            sleep(HANG, ["a promise stays pending"], { ref: false }),
          ]);
          expect(found).toEqual([]);
          await close();
          calls += program.length;
          rejections += run.rejections;
        }),
        { numRuns },
      );
      // That something went wrong is what it is about; that it surfaced only where nobody tries again.
      if (options.retry) expect(rejections).toBeGreaterThan(0);
      else expect(rejections).toBe(0);
      expect(calls).toBeGreaterThan(numRuns);
    });
  });
}

/** A run of one program, which notes all that should not be. */
class Run {
  rejections = 0;
  readonly #kv: KV;
  readonly #nothingFails: boolean;
  readonly #stored: (key: string) => Promise<State>;
  readonly #history = new History();
  readonly #wrong: string[] = [];
  #count = 0;

  constructor(kv: KV, nothingFails: boolean, stored: (key: string) => Promise<State>) {
    this.#kv = kv;
    this.#nothingFails = nothingFails;
    this.#stored = stored;
  }

  async all(program: readonly Call[]): Promise<string[]> {
    const made: Promise<void>[] = [];
    for (const call of program) {
      made.push(this.#make(call));
      if (call.pause === "tick") await new Promise((resolve) => setImmediate(resolve));
      else if (call.pause !== undefined) await sleep(call.pause);
    }
    await Promise.all(made);
    for (const key of this.#history.keys()) await this.#checkStored(key, this.#history.first(key), "at the end");
    return this.#wrong;
  }

  async #make({ do: kind, keys }: Call): Promise<void> {
    const kv = this.#kv;
    const [key] = keys as [string];
    const value = `value ${this.#count++}`;
    const options = { metadata: value };
    switch (kind) {
      case "put":
        return this.#write([key], value, () => kv.put(key, value, options));
      case "putMany":
        return this.#write(keys, value, () => kv.putMany(keys.map((name) => ({ key: name, value, ...options }))));
      case "delete":
        return this.#write([key], null, () => kv.delete(key));
      case "deleteMany":
        return this.#write(keys, null, () => kv.deleteMany(keys));
      case "get":
        return this.#read([key], async () => [await kv.get(key)]);
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

  async #write(keys: string[], state: State, write: () => Promise<void>): Promise<void> {
    const numbers = keys.map((key) => this.#history.called(key, state, keys.length === 1 || this.#nothingFails));
    const rejected = await write().then(
      () => false,
      () => true,
    );
    if (rejected) this.rejections++;
    for (const [i, key] of keys.entries()) {
      if (rejected) {
        this.#history.rejected(key, numbers[i]!);
      } else {
        this.#history.acknowledged(key, numbers[i]!);
        await this.#checkStored(key, numbers[i]!, "when it was acknowledged");
      }
    }
  }

  async #read(keys: string[], read: () => Promise<State[]>): Promise<void> {
    const from = keys.map((key) => this.#history.firstToRead(key));
    const found = await read().catch(() => undefined);
    if (found === undefined) this.rejections++;
    for (const [i, state] of (found ?? []).entries()) {
      const key = keys[i]!;
      if (!this.#history.isFrom(key, from[i]!, state))
        this.#wrong.push(`${key} was read as ${state}, older than write ${from[i]}`);
    }
  }

  async #checkStored(key: string, write: number, when: string): Promise<void> {
    const state = await this.#stored(key);
    if (!this.#history.isFrom(key, write, state))
      this.#wrong.push(`${key} is stored as ${state}, older than write ${write}, ${when}`);
  }
}
