import { setImmediate as nextTurn } from "node:timers/promises";
import { KVError } from "@kvplug/core/seam";
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { KVResponses } from "../../packages/next/src/kv-responses.ts";
import { KVResults } from "../../packages/next/src/kv-results.ts";
import { NextKV } from "../../packages/next/src/next-kv.ts";
import { overlaid } from "../support/overlaid.ts";
import { PropagatingKV } from "../support/propagating-kv.ts";
import { randomOf } from "../support/random.ts";
import { VirtualTime, wait } from "../support/virtual-time.ts";
import { data, page, result, textOf } from "./instances.ts";

const PROPAGATION = 2_000;
const TTL = 200;
const DEADLINE = 500;
/** By then whatever was invalidated is known to all, and no copy is older. */
const KNOWN_TO_ALL = PROPAGATION + TTL + 500;

/** The last call of a program. */
const END = 12_000;
/** The circuits of all processes are closed again by then. */
const CHECK = END + 20_000;

const TAGS = ["a", "__proto__"] as const;
type Tag = (typeof TAGS)[number];
/** How often each tag's data had changed when something was made of it. */
type Versions = [Tag, number][];

/** Something that a process does, and when. */
interface Step {
  at: number;
  process: 0 | 1;
  do: "change" | "page" | "data" | "use";
  tag: Tag;
  /** How long what is made takes. */
  takes: number;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  at: fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: END })),
  process: fc.constantFrom(0, 1),
  do: fc.oneof(
    { weight: 3, arbitrary: fc.constant("change" as const) },
    { weight: 4, arbitrary: fc.constant("page" as const) },
    { weight: 3, arbitrary: fc.constantFrom("data" as const, "use" as const) },
  ),
  tag: fc.constantFrom(...TAGS),
  takes: fc.oneof(fc.integer({ min: 0, max: 800 }), fc.integer({ min: 0, max: 8_000 })),
});
/** When reads of one kind of key fail. */
const anyOutage = fc.record({
  from: fc.integer({ min: 0, max: END }),
  lasts: fc.integer({ min: 1, max: 3_000 }),
  of: fc.constantFrom("tag:", ""),
});
const anyProgram = fc.tuple(
  fc.array(anyStep, { minLength: 2, maxLength: 24, size: "max" }),
  fc.array(anyOutage, { maxLength: 2 }),
);
type Program = [Step[], { from: number; lasts: number; of: string }[]];

/** Two instances of an app over one KV; its pages are made of data, which change, and say so by their tags. */
class Run {
  readonly #time = new VirtualTime();
  readonly #apps: readonly { kv: NextKV; results: KVResults }[];
  readonly #data = new Map<Tag, number>(TAGS.map((tag) => [tag, 0]));
  readonly #changes: { tag: Tag; version: number; at: number; process: number }[] = [];
  readonly #wrong: string[] = [];
  readonly #outages: Program[1];
  #open = 0;

  constructor(seed: number, outages: Program[1]) {
    this.#outages = outages;
    const { namespace } = new PropagatingKV({ random: randomOf(seed), propagation: PROPAGATION, latency: 40 });
    const kv = overlaid(namespace, {
      getWithMetadata: (keys: any, options: any) => this.#read(keys, () => namespace.getWithMetadata(keys, options)),
      get: (keys: any, options: any) => this.#read(keys, () => namespace.get(keys, options) as Promise<any>),
    });
    this.#apps = [0, 1].map(() => {
      const app = new NextKV({ kv, ttl: TTL, tagTtl: TTL, deadline: DEADLINE }, () => {});
      return { kv: app, results: new KVResults(app) };
    });
  }

  async #read<Found>(keys: string | string[], read: () => Promise<Found>): Promise<Found> {
    const { now } = this.#time;
    const isOut = this.#outages.some(
      ({ from, lasts, of }) =>
        now >= from && now < from + lasts && [keys].flat().some((key) => key.startsWith(`next:${of}`)),
    );
    if (isOut) throw new KVError("KV_NETWORK", "It is away.");
    return read();
  }

  async all(program: readonly Step[]): Promise<string[]> {
    using time = this.#time;
    for (const step of program) time.at(step.at, () => void this.#do(step));
    for (const process of [0, 1] as const) {
      for (let i = 0; i < 3; i++) {
        const at = CHECK + 3000 * i + 1000 * process;
        time.at(at, () => void this.#do({ at, process, do: "page", tag: "a", takes: 0 }));
      }
    }
    await time.run();
    await nextTurn();
    if (this.#open > 0) this.#wrong.push(`${this.#open} calls never settled`);
    return this.#wrong;
  }

  async #do({ process, do: what, tag, takes }: Step): Promise<void> {
    const { kv, results } = this.#apps[process]!;
    const request = new KVResponses(kv, "build");
    this.#open++;
    try {
      if (what === "change") {
        const version = this.#data.get(tag)! + 1;
        this.#data.set(tag, version);
        this.#changes.push({ tag, version, at: this.#time.now, process });
        await this.#timed("revalidateTag", () => request.revalidateTag(tag));
      } else if (what === "page") await this.#check(process, what, () => this.#page(request, results, takes));
      else if (what === "data") await this.#check(process, what, async () => [await this.#part(request, tag, takes)]);
      else await this.#check(process, what, async () => [await this.#use(results, tag, takes)]);
    } catch (error) {
      this.#wrong.push(`${what} at ${this.#time.now}: ${String((error as Error).stack)}`);
    }
    this.#open--;
  }

  async #timed<Found>(what: string, call: () => Promise<Found>): Promise<Found> {
    const begun = this.#time.now;
    const found = await call();
    const took = this.#time.now - begun;
    if (took > DEADLINE + 10) this.#wrong.push(`${what} at ${begun} took ${took}`);
    return found;
  }

  async #page(request: KVResponses, results: KVResults, takes: number): Promise<Versions> {
    const found = await this.#timed("get page", () => request.get("/", { kind: "APP_PAGE" }));
    if (found !== null) return JSON.parse(found.value!["html"] as string) as Versions;
    const parts: Versions = [await this.#part(request, TAGS[1], takes), await this.#use(results, TAGS[0], takes)];
    await wait(takes);
    await request.set("/", page(JSON.stringify(parts), ...TAGS), { cacheControl: { revalidate: false } });
    return parts;
  }

  async #part(request: KVResponses, tag: Tag, takes: number): Promise<[Tag, number]> {
    const found = await this.#timed("get data", () =>
      request.get(tag, { kind: "FETCH", tags: [tag], softTags: ["/"] }),
    );
    if (found !== null) return [tag, Number((found.value!["data"] as { body: string }).body)];
    const made = this.#data.get(tag)!;
    await wait(takes);
    await request.set(tag, data(String(made)), { fetchCache: true, tags: [tag] });
    return [tag, made];
  }

  async #use(results: KVResults, tag: Tag, takes: number): Promise<[Tag, number]> {
    const found = await textOf(await results.get(tag, ["/"]));
    if (found !== undefined) return [tag, Number(found)];
    const timestamp = performance.timeOrigin + performance.now();
    const making = (async () => {
      const made = this.#data.get(tag)!;
      await wait(takes);
      return made;
    })();
    const setting = results.set(
      tag,
      making.then((made) => result(String(made), { tags: [tag], timestamp })),
    );
    const made = await making;
    await setting;
    return [tag, made];
  }

  async #check(process: number, what: string, read: () => Promise<Versions>): Promise<void> {
    const begun = this.#time.now;
    const before = this.#changes.length;
    const found = await read();
    for (const [i, { tag, version, at, process: changer }] of this.#changes.entries()) {
      const mustKnow = (i < before && changer === process) || (begun >= CHECK && begun - at >= KNOWN_TO_ALL);
      const has = found.find(([of]) => of === tag)?.[1];
      if (!mustKnow || has === undefined || has >= version) continue;
      this.#wrong.push(`${what}, read by ${process} at ${begun}, is of ${tag}${has}: ${tag}${version} came at ${at}`);
    }
  }
}

/** Tests random programs, so many of each kind. */
export function describeNextPrograms(numRuns: number): void {
  describe("no instance serves what was made in ignorance of an invalidation that it knows", () => {
    test("two instances, while KV fails now and then", async () => {
      const report = vi.spyOn(console, "error").mockImplementation(() => {});
      await fc.assert(
        fc.asyncProperty(anyProgram, fc.nat(), async ([program, outages], seed) => {
          expect(await new Run(seed, outages).all(program)).toEqual([]);
        }),
        { numRuns },
      );
      report.mockRestore();
    });
  });
}
