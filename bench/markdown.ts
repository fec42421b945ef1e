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
    `Measured by \`${conditions.command}\` on ${conditions.date}: ${conditions.machine}, Node ${conditions.node}; ${versions.join(", ")}. Medians of ${conditions.rounds} rounds, with all clients in turn. Requests are counted by the server and exact. Everything else holds for this machine only, the ratios more than the figures.`,
    "## Requests",
    "For the number of operations in each row.",
    worksTable(works, ({ requests }) => count(requests)),
    "## CPU",
    "CPU time per operation, relative to the first figure in the row.",
    worksTable(works, ({ cpu, cpuRatio }) => `${ratio(cpuRatio)} (${ratio(cpu * 1000)} µs)`),
    "## Throughput",
    "Operations a second, relative to the first figure in the row.",
    worksTable(works, ({ elapsed, throughputRatio }) => `${ratio(throughputRatio)} (${count(1000 / elapsed)}/s)`),
    "## Under a request budget",
    `${count(LIMIT.requests)} requests are allowed in ${LIMIT.window / 1000} s. All keys are requested in one tick, and no client knows the budget.`,
    budgetTable(results),
    "## Caches in front of the REST API",
    "Relative to `@kvplug/cache`.",
    ...cacheTables(results),
    "## A stampede",
    stampedeTable(results),
    "## Import and size",
    "Import times relative to undici's, and the size that npm installs.",
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
    ["", "keys requested", "arrived", "failed", "requests", "after"],
    budget.map(({ client, reads, arrived, failed, requests, elapsed }) => [
      client,
      ...[reads, arrived, failed, requests].map(count),
      `${ratio(elapsed / 1000)} s${arrived + failed < reads ? ", gave up" : ""}`,
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
    ["reads of one key at once", "requests", "requests, if refused", "readers that get the error", "error objects"],
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
