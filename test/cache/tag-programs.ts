import { setImmediate as nextTurn } from "node:timers/promises";
import { withCache, type CacheBus, type CachedKV } from "@kvplug/cache";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomOf } from "../support/random.ts";
import { PropagatingKV } from "../support/propagating-kv.ts";
import { VirtualTime, wait } from "../support/virtual-time.ts";

const PROPAGATION = 2_000;
const TTL = 200;
/** By then whatever was invalidated is known to all, and no copy is older. */
const KNOWN_TO_ALL = PROPAGATION + TTL + 500;

/** The last call of a program. */
const END = 6_000;

const TAGS = ["a", "b"] as const;
type Tag = (typeof TAGS)[number];
/** How often each tag's data had changed when a value was made of it. */
type Versions = Partial<Record<Tag, number>>;

/** Something that a process does, and when. */
interface Step {
  at: number;
  process: 0 | 1;
  do: "change" | "page" | "part" | "get page" | "get part" | "get(keys)" | "put";
  tag: Tag;
  /** How long what is made takes. */
  takes: number;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  at: fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: END })),
  process: fc.constantFrom(0, 1),
  do: fc.oneof(
    { weight: 3, arbitrary: fc.constant("change" as const) },
    { weight: 4, arbitrary: fc.constantFrom("page" as const, "part" as const) },
    { weight: 3, arbitrary: fc.constantFrom("get page" as const, "get part" as const, "get(keys)" as const) },
    { weight: 1, arbitrary: fc.constant("put" as const) },
  ),
  tag: fc.constantFrom(...TAGS),
  takes: fc.integer({ min: 0, max: 800 }),
});
const anyProgram = fc.array(anyStep, { minLength: 2, maxLength: 24, size: "max" });

/** Two processes over one KV, whose pages are made of parts; their data changes, and says so by its tag. */
class Run {
  readonly #time = new VirtualTime();
  readonly #kv: PropagatingKV;
  readonly #caches: readonly CachedKV[];
  readonly #data: Record<Tag, number> = { a: 0, b: 0 };
  /** What was invalidated, when, and by whom. */
  readonly #changes: { tag: Tag; version: number; at: number; process: number }[] = [];
  readonly #hasBus: boolean;
  readonly #wrong: string[] = [];
  #open = 0;

  constructor(seed: number, hasBus: boolean) {
    this.#hasBus = hasBus;
    this.#kv = new PropagatingKV({ random: randomOf(seed), propagation: PROPAGATION, latency: 40 });
    const listeners = new Set<(message: unknown) => void>();
    const bus: CacheBus = {
      publish: (message) => listeners.forEach((listener) => listener(JSON.parse(JSON.stringify(message)))),
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    this.#caches = [0, 1].map(() =>
      withCache(this.#kv.namespace, { max: 100, ttl: TTL, tags: true, ...(hasBus && { bus }) }),
    );
  }

  async all(program: readonly Step[]): Promise<string[]> {
    using time = this.#time;
    for (const step of program) time.at(step.at, () => void this.#do(step));
    // Whatever happened, it is known to all by then.
    for (const process of [0, 1] as const) {
      for (const what of ["get page", "get part", "page", "get page"] as const) {
        const at = END + 2 * KNOWN_TO_ALL + 1000 * process;
        for (const tag of TAGS) time.at(at, () => void this.#do({ at, process, do: what, tag, takes: 0 }));
      }
    }
    await time.run();
    await nextTurn();
    if (this.#open > 0) this.#wrong.push(`${this.#open} calls never settled`);
    return this.#wrong;
  }

  async #do({ process, do: what, tag, takes }: Step): Promise<void> {
    const cache = this.#caches[process]!;
    switch (what) {
      case "change":
        return this.#change(process, tag);
      case "page":
        return this.#read(process, "page", () => this.#page(cache, takes));
      case "part":
        return this.#read(process, tag, () => this.#part(cache, tag, takes));
      case "get page":
        return this.#read(process, "page", () => cache.get<Versions>("page", "json"));
      case "get part":
        return this.#read(process, tag, () => cache.get<Versions>(tag, "json"));
      case "get(keys)":
        return this.#read(
          process,
          tag,
          async () => (await cache.get<Versions>([tag, "page"], "json")).get(tag) ?? null,
        );
      case "put": {
        this.#open++;
        await cache.put(tag, JSON.stringify({ [tag]: this.#data[tag] }), { tags: [tag] });
        this.#open--;
      }
    }
  }

  async #change(process: number, tag: Tag): Promise<void> {
    this.#changes.push({ tag, version: ++this.#data[tag], at: this.#time.now, process });
    this.#open++;
    await this.#caches[process]!.invalidateTags([tag]);
    this.#open--;
  }

  #part(cache: CachedKV, tag: Tag, takes: number): Promise<Versions> {
    return cache.wrap(
      tag,
      async () => {
        const made = { [tag]: this.#data[tag] };
        await wait(takes);
        return made;
      },
      { tags: [tag], ttl: 1_000_000 },
    );
  }

  #page(cache: CachedKV, takes: number): Promise<Versions> {
    return cache.wrap(
      "page",
      async () => {
        const parts: Versions = {};
        for (const tag of TAGS) Object.assign(parts, await this.#part(cache, tag, takes));
        await wait(takes);
        return parts;
      },
      { tags: TAGS, ttl: 1_000_000 },
    );
  }

  async #read(process: number, what: string, read: () => Promise<Versions | null>): Promise<void> {
    const begun = this.#time.now;
    const before = this.#changes.length;
    this.#open++;
    const found = await read();
    this.#open--;
    if (found === null) return;
    for (const [i, { tag, version, at, process: changer }] of this.#changes.entries()) {
      const mustKnow = (i < before && (changer === process || this.#hasBus)) || begun - at >= KNOWN_TO_ALL;
      const has = found[tag];
      if (!mustKnow || has === undefined || has >= version) continue;
      this.#wrong.push(`${what}, read by ${process} at ${begun}, is of ${tag}${has}: ${tag}${version} came at ${at}`);
    }
  }
}

/** A read of a page that is still being stored, and was made in ignorance of an invalidation that all can know by now. */
const WHILE_IT_IS_STORED: [program: Step[], seed: number] = [
  [
    { at: 1, process: 1, do: "change", tag: "a", takes: 0 },
    { at: 1322, process: 0, do: "page", tag: "a", takes: 539 },
    { at: 2701, process: 0, do: "page", tag: "a", takes: 0 },
    { at: 0, process: 0, do: "put", tag: "a", takes: 0 },
  ],
  1_375_709_086,
];

/** Tests random programs, so many of each kind. */
export function describeTagPrograms(numRuns: number): void {
  describe("nobody serves what was made in ignorance of an invalidation that its reader knows", () => {
    test.for([
      ["without a bus", false],
      ["with a bus", true],
    ] as const)("two processes, %s", async ([, hasBus]) => {
      await fc.assert(
        fc.asyncProperty(anyProgram, fc.nat(), async (program, seed) => {
          expect(await new Run(seed, hasBus).all(program)).toEqual([]);
        }),
        { numRuns, examples: [WHILE_IT_IS_STORED] },
      );
    });
  });
}
