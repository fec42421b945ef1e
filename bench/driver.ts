/**
 * The REST driver beside its peers, on identical work against the same local server.
 *
 * `pnpm bench` builds the packages first, for the import time, and takes some minutes; with `--quick`
 * there are fewer rounds. Only counts and ratios mean something on another machine, and a busy one
 * blurs them. Exits with 1 where a goal was missed.
 */
import { underBudget } from "./budget.ts";
import { compare, type Result } from "./compare.ts";
import { importTimes } from "./import-time.ts";
import { count, ratio, row, Verdicts } from "./table.ts";
import { WORKS, type Goals, type WorkName } from "./works.ts";

const OURS = "@kvplug/core";
const WIDTHS = [18, 16, 18, 20, 12, 12];
const quick = process.argv.includes("--quick");
const rounds = quick ? 2 : 5;
const verdicts = new Verdicts();

console.log(`Medians of ${rounds} rounds. CPU and throughput are multiples of an undici Pool's with 64 connections.`);
for (const latency of new Set(Object.values(WORKS).map((work) => work.latency))) {
  await compare(latency, rounds, showWork);
}
await showBudget();
showImportTimes();
console.log(verdicts.missed === 0 ? "\nAll goals are met." : `\n${verdicts.missed} goals are missed.`);
process.exitCode = verdicts.missed === 0 ? 0 : 1;

function showWork(name: WorkName, results: readonly Result[]): void {
  const { title, operations, goals } = WORKS[name];
  console.log(`\n${count(operations)} ${title}`);
  console.log(row(WIDTHS, ["", "requests", "CPU", "throughput"]));
  for (const result of results) showResult(result, result.client === OURS ? goals : undefined);
  for (const { client, operations: made } of results) {
    if (made < operations) console.log(`${client}: scaled from ${count(made)} operations`);
  }
  const ours = results.find(({ client }) => client === OURS)!;
  // The first is what all are compared with, and has goals of its own.
  const faster = results.slice(1).filter(({ throughputRatio }) => throughputRatio > ours.throughputRatio);
  console.log(`${verdicts.judge(faster.length === 0)}: no peer is faster`);
}

function showResult(result: Result, goals: Goals | undefined): void {
  const { client, requests, cpuRatio, throughputRatio, cpu, elapsed } = result;
  console.log(
    row(WIDTHS, [
      client,
      verdicts.atMost(requests, goals?.maxRequests, count),
      verdicts.atMost(cpuRatio, goals?.maxCPU, ratio),
      verdicts.atLeast(throughputRatio, goals?.minThroughput, ratio),
      `${count(cpu * 1000)} µs`,
      `${count(1000 / elapsed)}/s`,
    ]),
  );
}

async function showBudget(): Promise<void> {
  const { reads, limit, elapsed, demanded, requests, refused } = await underBudget();
  console.log(
    `\n${count(reads)} gets in one tick, with ${limit.requests} requests allowed in ${limit.window / 1000} s`,
  );
  console.log(`${verdicts.atMost(elapsed / demanded, 1.1, ratio)} of the ${demanded / 1000} s that the limit demands`);
  console.log(`${verdicts.atMost(refused, 0, count)} answers with 429, of ${count(requests)}`);
}

function showImportTimes(): void {
  const times = importTimes(quick ? 5 : 15);
  console.log("\nImport, in multiples of undici's");
  if (times === undefined) {
    console.log("not measured, for there is no build: run pnpm build");
  } else {
    console.log(
      `${verdicts.atMost(times.ratio, 1.2, ratio)} (${count(times.kvplug)} ms beside ${count(times.undici)} ms)`,
    );
  }
}
