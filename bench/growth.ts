/**
 * How cost grows with the work: the driver's requests, CPU and memory, the cache's memory, and how soon
 * the local server answers, in a namespace that grows.
 *
 * `pnpm bench:growth` takes some ten minutes and writes `growth.json`, `growth.md` and charts for the
 * docs; `--max KEYS` ends sooner and only prints.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createKV, type KV } from "@kvplug/core";
import type { Address } from "./clients.ts";
import { growthCharts } from "./growth-charts.ts";
import { growthMarkdown } from "./growth-markdown.ts";
import type { GrowthAnswer, GrowthSetup } from "./growth-process.ts";
import type { Growth, ServerLatency } from "./growth-results.ts";
import { Helper } from "./helper.ts";
import { median } from "./measure.ts";
import { conditions } from "./conditions.ts";
import type { ServerQuestion, ServerSetup } from "./server-process.ts";
import { keyOf } from "./works.ts";

const { max } = parseArgs({ options: { max: { type: "string" } } }).values;
const most = max === undefined ? Number.POSITIVE_INFINITY : Number(max);
if (!(most >= 10)) throw new Error(`--max must be a number of keys, 10 at least, and it is ${max}.`);
const upTo = (...steps: number[]): number[] => steps.filter((keys) => keys <= most);

/** Short enough that five million fit on most machines. */
const VALUE = "v".repeat(100);

const reads = await growReads();
const growth: Growth = {
  conditions: conditions(`pnpm bench:growth${max === undefined ? "" : ` --max ${max}`}`, 1),
  ...reads,
  server: await growServer(),
};
const text = growthMarkdown(growth);
console.log(text);
if (max === undefined) {
  const here = (name: string): string => join(import.meta.dirname, name);
  await writeFile(here("growth.json"), `${JSON.stringify(growth, null, 2)}\n`);
  await writeFile(here("growth.md"), text);
  for (const [name, svg] of Object.entries(growthCharts(growth))) {
    await writeFile(here(`../docs/public/${name}.svg`), svg);
  }
}

async function growReads(): Promise<Pick<Growth, "driver" | "cache">> {
  await using server = new Helper("server-process.ts", { keys: 0 } satisfies ServerSetup);
  const address = await server.ask<Address>("address" satisfies ServerQuestion);
  const driver: Growth["driver"][number][] = [];
  const cache: Growth["cache"][number][] = [];
  await using kv = openKV(address);
  let written = 0;
  for (const keys of upTo(10, 100, 1_000, 10_000, 100_000, 1_000_000)) {
    written = await fill(kv, written, keys);
    const ask = async (cached: boolean): Promise<GrowthAnswer> => {
      await using process = new Helper("growth-process.ts", { address, cached } satisfies GrowthSetup);
      return await process.ask(keys);
    };
    await server.ask("requests" satisfies ServerQuestion);
    const answer = await ask(false);
    const all = await server.ask<number>("requests" satisfies ServerQuestion);
    // The process warmed up before it was measured.
    const requests = all - 20 * Math.ceil(Math.min(keys, 1_000) / 100) - 1;
    driver.push({ keys, requests, ...answer });
    cache.push({ keys, ...(await ask(true)) });
    console.error(`done: ${keys} keys read`);
  }
  return { driver, cache };
}

async function growServer(): Promise<ServerLatency[]> {
  const folder = await mkdtemp(join(tmpdir(), "kvplug-growth-"));
  try {
    const setup: ServerSetup = { keys: 0, data: join(folder, "kv.db") };
    await using server = new Helper("server-process.ts", setup);
    await using kv = openKV(await server.ask<Address>("address" satisfies ServerQuestion));
    const found: ServerLatency[] = [];
    let written = 0;
    for (const keys of upTo(1_000, 10_000, 100_000, 1_000_000, 5_000_000)) {
      written = await fill(kv, written, keys);
      found.push(await latency(kv, keys));
      console.error(`done: a namespace of ${keys} keys`);
    }
    return found;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function latency(kv: KV, keys: number): Promise<ServerLatency> {
  const any = (): string => keyOf(Math.floor(Math.random() * keys));
  const time = async (rounds: number, ask: (round: number) => Promise<unknown>): Promise<number> => {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      await ask(round);
      times.push(performance.now() - started);
    }
    return median(times);
  };
  return {
    keys,
    get: await time(500, () => kv.get(any())),
    bulkGet: await time(100, () => kv.get(Array.from({ length: 100 }, any))),
    list: await time(50, (round) => kv.list({ prefix: keyOf((round % 9) + 1).slice(0, -1) })),
    // The same keys anew: the namespace does not grow by being measured.
    bulkPut: keys < 10_000 ? undefined : await time(5, () => fill(kv, 0, 10_000)),
  };
}

function openKV(address: Address): KV {
  return createKV({ ...address, apiToken: "bench", writeInterval: 0 });
}

/** Writes the keys from one number up to another. */
async function fill(kv: KV, from: number, to: number): Promise<number> {
  for (let i = from; i < to; i += 100_000) {
    const length = Math.min(to - i, 100_000);
    await Promise.all(Array.from({ length }, (_, j) => kv.put(keyOf(i + j), VALUE)));
  }
  return to;
}
