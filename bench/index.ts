/**
 * kvplug beside its peers, on identical work against the same local server.
 *
 * `pnpm bench` builds the packages, runs for some fifteen minutes, and writes `results.json` and
 * `results.md` here, and its charts for the docs. With `--quick` it is done within two minutes and only
 * prints. Only counts and ratios mean something on another machine, and a busy one blurs them. The whole
 * run exits with 1 where a goal was missed.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { underBudget, type BudgetResult } from "./budget.ts";
import { CACHE_WORKS, type CacheWorkName } from "./cache-works.ts";
import type { CacheName } from "./caches.ts";
import { charts } from "./charts.ts";
import { CLIENTS, type ClientName } from "./clients.ts";
import { compare, type Pains } from "./compare.ts";
import { compareCaches } from "./compare-caches.ts";
import { missedGoals } from "./goals.ts";
import { Helper } from "./helper.ts";
import { compareImports } from "./imports.ts";
import { markdown } from "./markdown.ts";
import { conditions } from "./conditions.ts";
import type { Results } from "./results.ts";
import type { ServerSetup } from "./server-process.ts";
import { stampedes, type Stampede } from "./stampede.ts";
import { KEYS, WORKS } from "./works.ts";

const { quick } = parseArgs({ options: { quick: { type: "boolean", default: false } } }).values;
const pains: Pains = quick
  ? { rounds: 1, warmUp: 1, whole: new Set(["@kvplug/core"]), share: 0.1 }
  : { rounds: 5, warmUp: 2_500, whole: new Set(["@kvplug/core", "undici Pool"]), share: 0.2 };
const STORMED: readonly CacheName[] = [
  "@kvplug/cache",
  "lru-cache",
  "cache-manager",
  "bentocache",
  "cacheable",
  "Keyv",
];

const results: Results = {
  conditions: conditions(`pnpm bench${quick ? " --quick" : ""}`, pains.rounds),
  works: await compareClients(),
  budget: await budget(),
  caches: await caches(),
  stampedes: await storms(),
  imports: await step("imports and installed sizes", () => compareImports(quick ? 1 : 15, !quick)),
};
const text = markdown(results);
console.log(`\n${text}`);
if (!quick) {
  save("results.json", `${JSON.stringify(results, null, 2)}\n`);
  save("results.md", text);
  for (const [name, svg] of Object.entries(charts(results))) save(`../docs/public/${name}.svg`, svg);
}
// One round of what is not warm yet judges nobody.
const missed = quick ? [] : missedGoals(results);
if (!quick)
  console.log(missed.length === 0 ? "All goals are met." : `Goals that are missed:\n  ${missed.join("\n  ")}`);
process.exitCode = missed.length === 0 ? 0 : 1;

async function compareClients(): Promise<Results["works"]> {
  const works: Record<string, Results["works"][keyof typeof WORKS]> = {};
  for (const latency of new Set(Object.values(WORKS).map((work) => work.latency))) {
    // The other ones tell as much in two minutes.
    if (quick && latency === 10) continue;
    await compare(latency, pains, (name, found) => {
      works[name] = found;
      tell(WORKS[name].title);
    });
  }
  return works;
}

async function budget(): Promise<BudgetResult[]> {
  const found: BudgetResult[] = [];
  for (const client of Object.keys(CLIENTS) as ClientName[]) {
    found.push(await step(`${client} under the budget`, () => underBudget(client, quick ? 1_000 : 10_000)));
  }
  // Enough for several windows.
  if (!quick) found.push(await step("five times as much", () => underBudget("@kvplug/core", 50_000)));
  return found;
}

async function caches(): Promise<Results["caches"]> {
  await using server = new Helper("server-process.ts", { keys: KEYS } satisfies ServerSetup);
  const found: Record<string, Awaited<ReturnType<typeof compareCaches>>> = {};
  for (const name of Object.keys(CACHE_WORKS) as CacheWorkName[]) {
    if (quick && name === "roomy") continue;
    found[name] = await step(CACHE_WORKS[name].title, () => compareCaches(name, pains.rounds, quick ? 0.1 : 1, server));
  }
  return found;
}

async function storms(): Promise<{ answered: Stampede[]; refused: Stampede[] }> {
  return {
    answered: await step("a stampede", () => stampedes(STORMED, false)),
    refused: await step("a stampede that is refused", () => stampedes(STORMED, true)),
  };
}

async function step<Found>(title: string, run: () => Found | Promise<Found>): Promise<Found> {
  const found = await run();
  tell(title);
  return found;
}

function tell(done: string): void {
  console.error(`${Math.round(performance.now() / 1000)} s: ${done}`);
}

function save(name: string, content: string): void {
  writeFileSync(join(import.meta.dirname, name), content);
}
