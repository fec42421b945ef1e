import { LIMIT } from "./budget.ts";
import { CACHE_WORKS, type CacheWorkName } from "./cache-works.ts";
import { CLIENTS } from "./clients.ts";
import type { CacheResult } from "./compare-caches.ts";
import type { Result } from "./compare.ts";
import { count, ratio, table } from "./format.ts";
import type { Results } from "./results.ts";
import { WORKS, type WorkName } from "./works.ts";

/** The results as people read them: what was counted first, then CPU, then time. */
export function markdown(results: Results): string {
  const { conditions, works } = results;
  const versions = Object.entries(conditions.versions).map(([name, version]) => `${name} ${version}`);
  return `${[
    `Measured by \`${conditions.command}\` on ${conditions.date}: ${conditions.machine}, Node ${conditions.node}; ${versions.join(", ")}. Medians of ${conditions.rounds} rounds, in which all take turns. Requests are counted by the server and exact; all else holds for this machine only, and the ratios more than the figures.`,
    "## Requests",
    "For as many operations as the row says.",
    worksTable(works, ({ requests }) => count(requests)),
    "## CPU",
    "Per operation, in multiples of what the first in the row that has a figure takes.",
    worksTable(works, ({ cpu, cpuRatio }) => `${ratio(cpuRatio)} (${ratio(cpu * 1000)} µs)`),
    "## Throughput",
    "Operations a second, in multiples of what the first in the row that has a figure reaches.",
    worksTable(works, ({ elapsed, throughputRatio }) => `${ratio(throughputRatio)} (${count(1000 / elapsed)}/s)`),
    "## Under a request budget",
    `${count(LIMIT.requests)} requests are allowed in ${LIMIT.window / 1000} s. All keys are asked for in one tick, and nobody is told of the budget.`,
    budgetTable(results),
    "## Caches in front of the REST API",
    "In multiples of what `@kvplug/cache` takes.",
    ...cacheTables(results),
    "## A stampede",
    stampedeTable(results),
    "## Import and size",
    "Import times in multiples of undici's, and what npm installs.",
    importTable(results),
  ].join("\n\n")}\n`;
}

function worksTable(works: Results["works"], show: (result: Result) => string): string {
  const names = Object.keys(works) as WorkName[];
  const clients = Object.keys(CLIENTS);
  return table(
    ["", ...clients],
    names.map((name) => {
      const figures = clients.map((client) => {
        const result = works[name]!.find((one) => one.client === client);
        return result === undefined ? "–" : show(result);
      });
      return [`${count(WORKS[name].operations)} ${WORKS[name].title}`].concat(figures);
    }),
  );
}

function budgetTable({ budget }: Results): string {
  return table(
    ["", "keys asked for", "arrived", "failed", "requests", "after"],
    budget.map(({ client, reads, arrived, failed, requests, elapsed }) => [
      client,
      ...[reads, arrived, failed, requests].map(count),
      `${ratio(elapsed / 1000)} s${arrived + failed < reads ? ", given up" : ""}`,
    ]),
  );
}

function cacheTables({ caches }: Results): string[] {
  return (Object.keys(caches) as CacheWorkName[]).flatMap((name) => {
    const { title, hitsOnly } = CACHE_WORKS[name];
    const [{ reads }] = caches[name]! as [CacheResult];
    const rows = caches[name]!.map(({ cache, taken, ratio: times }) => [
      cache,
      hitsOnly ? "–" : count(taken.requests),
      `${ratio(times.cpu)} (${count((taken.cpu / reads) * 1e6)} ns)`,
      `${ratio(times.elapsed)} (${count((reads / taken.elapsed) * 1000)}/s)`,
    ]);
    return [`### ${count(reads)} ${title}`, table(["", "requests", "CPU a read", "time"], rows)];
  });
}

function stampedeTable({ stampedes: { answered, refused } }: Results): string {
  return table(
    ["reads of one key at once", "requests", "requests, when refused", "readers told of the refusal", "error objects"],
    answered.map(({ cache, readers, requests }, i) => [
      `${cache}, ${count(readers)}`,
      ...[requests, refused[i]!.requests, refused[i]!.failed, refused[i]!.errors].map(count),
    ]),
  );
}

function importTable({ imports }: Results): string {
  return table(
    ["", "import", "installed", "packages"],
    imports.map(({ name, time, ratio: times, installed }) => [
      name,
      `${ratio(times)} (${count(time)} ms)`,
      installed === undefined ? "–" : `${ratio(installed.bytes / 1e6)} MB`,
      installed === undefined ? "–" : count(installed.packages),
    ]),
  );
}
