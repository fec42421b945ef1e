/**
 * The REST driver beside its peers, on identical work against the same local server.
 *
 * `pnpm bench` builds the packages, for the import time, and takes some minutes; `pnpm bench --quick` one.
 * Only counts and ratios mean something on another machine. Exits with 1 where a goal was missed.
 */
import { underBudget } from "./budget.ts";
import { compare, type Result } from "./compare.ts";
import { importTimes } from "./import-time.ts";
import { figure, row, Verdicts } from "./table.ts";
import { WORKS, type Goals, type WorkName } from "./works.ts";

const OURS = "@kvplug/core";
const WIDTHS = [20, 18, 18, 18, 12, 12];
const quick = process.argv.includes("--quick");
const rounds = quick ? 2 : 5;
const verdicts = new Verdicts();

console.log(
  `Medians of ${rounds} rounds; CPU and throughput per operation, in multiples of the undici Pool (64 connections).`,
);
for (const latency of new Set(Object.values(WORKS).map((work) => work.latency)))
  await compare(latency, rounds, showWork);
await showBudget();
showImportTimes();
console.log(verdicts.missed === 0 ? "\nAll goals are met." : `\n${verdicts.missed} goals were missed.`);
process.exitCode = verdicts.missed === 0 ? 0 : 1;

function showWork(name: WorkName, results: readonly Result[]): void {
  const { title, operations, goals } = WORKS[name];
  console.log(`\n${row(WIDTHS, [`${figure(operations)} ${title}`])}`);
  console.log(row(WIDTHS, ["", "requests", "CPU", "throughput", "", ""]));
  for (const result of results) showResult(result, result.client === OURS ? goals : undefined);
  const ours = results.find(({ client }) => client === OURS)!;
  const peers = results.filter(({ client }) => client !== OURS && client !== results[0]!.client);
  for (const peer of peers) {
    const met = ours.throughputRatio >= peer.throughputRatio && ours.cpuRatio <= peer.cpuRatio;
    console.log(`not slower than ${peer.client}: ${verdicts.judge(met)}`);
  }
  for (const { client, operations: made } of results) {
    if (made < operations) console.log(`${client}: scaled from ${figure(made)} operations`);
  }
}

function showResult(result: Result, goals: Goals | undefined): void {
  const { client, requests, cpuRatio, throughputRatio, cpu, elapsed } = result;
  console.log(
    row(WIDTHS, [
      client,
      verdicts.atMost(requests, goals?.maxRequests),
      verdicts.atMost(cpuRatio, goals?.maxCPU),
      verdicts.atLeast(throughputRatio, goals?.minThroughput),
      `${figure(cpu * 1000)} µs`,
      `${figure(1000 / elapsed)}/s`,
    ]),
  );
}

async function showBudget(): Promise<void> {
  const { reads, limit, elapsed, demanded, requests, refused } = await underBudget();
  console.log(
    `\n${figure(reads)} gets in one tick, under a budget of ${limit.requests} requests in ${limit.window / 1000} s`,
  );
  console.log(`requests: ${figure(requests)}`);
  console.log(
    `time, in multiples of what the budget demands (${demanded / 1000} s): ${verdicts.atMost(elapsed / demanded, 1.1)}`,
  );
  console.log(`answers with 429: ${verdicts.atMost(refused, 0)}`);
}

function showImportTimes(): void {
  const times = importTimes(quick ? 5 : 15);
  console.log("\nImport, in multiples of undici's");
  if (times === undefined) return console.log("not measured: build the packages first (pnpm build).");
  console.log(
    `${OURS}: ${verdicts.atMost(times.ratio, 1.2)}, ${figure(times.kvplug)} ms beside ${figure(times.undici)} ms`,
  );
}
