import { LIMIT, type BudgetResult } from "./budget.ts";
import { CACHE_WORKS, type CacheWorkName } from "./cache-works.ts";
import { ratio } from "./format.ts";
import type { Results } from "./results.ts";
import { WORKS, type Work, type WorkName } from "./works.ts";

/** The goals that a run missed, a line each. */
export function missedGoals(results: Results): string[] {
  return [...missedInWorks(results), ...missedInBudget(results.budget), ...missedInCaches(results), ...others(results)];
}

function missedInWorks({ works }: Results): string[] {
  return (Object.keys(works) as WorkName[]).flatMap((name) => {
    const { title, goals }: Work = WORKS[name];
    const ours = works[name]!.find(({ client }) => client === "@kvplug/core")!;
    return missed(title, [
      ["requests", ours.requests, "≤", goals?.maxRequests],
      ["CPU", ours.cpuRatio, "≤", goals?.maxCPU],
      ["throughput", ours.throughputRatio, "≥", goals?.minThroughput],
    ]);
  });
}

function missedInBudget(budget: readonly BudgetResult[]): string[] {
  return budget
    .filter(({ client }) => client === "@kvplug/core")
    .flatMap(({ reads, arrived, requests, elapsed }) => {
      const fullWindows = Math.ceil(reads / 100 / LIMIT.requests) - 1;
      return missed(`${reads} reads under the budget`, [
        ["keys that arrived", arrived, "≥", reads],
        // A refused one is sent again.
        ["requests", requests, "≤", reads / 100],
        [
          "of the time that the limit demands",
          elapsed / (fullWindows * LIMIT.window),
          "≤",
          fullWindows > 0 ? 1.1 : undefined,
        ],
      ]);
    });
}

function missedInCaches({ caches }: Results): string[] {
  return (Object.keys(caches) as CacheWorkName[]).flatMap((name) => {
    const { title, peers } = CACHE_WORKS[name];
    return caches[name]!.flatMap(({ cache, ratio: times }) =>
      missed(`${title}, beside ${cache}`, [
        ["times our CPU", times.cpu, "≥", peers[cache]?.cpu],
        ["times our time", times.elapsed, "≥", peers[cache]?.elapsed],
        ["times our requests", times.requests, "≥", peers[cache]?.requests],
      ]),
    );
  });
}

function others({ stampedes, imports }: Results): string[] {
  const stormed = stampedes.answered.find(({ cache }) => cache === "@kvplug/cache")!;
  const refused = stampedes.refused.find(({ cache }) => cache === "@kvplug/cache")!;
  return [
    ...missed("a stampede", [["requests", stormed.requests, "≤", 1]]),
    ...missed("a stampede that is refused", [
      ["requests", refused.requests, "≤", 1],
      ["readers told", refused.failed, "≥", refused.readers],
      ["errors", refused.errors, "≤", 1],
    ]),
    ...missed("import", [["times undici's", imports.find(({ name }) => name === "@kvplug/core")!.ratio, "≤", 1.2]]),
  ];
}

type Goal = [what: string, figure: number, relation: "≤" | "≥", goal: number | undefined];

function missed(title: string, goals: Goal[]): string[] {
  return goals
    .filter(([, figure, relation, goal = figure]) => (relation === "≤" ? figure > goal : figure < goal))
    .map(
      ([what, figure, relation, goal]) =>
        `${title}: ${ratio(figure)} ${what}, and the goal is ${relation} ${ratio(goal!)}`,
    );
}
