/**
 * The cache beside its peers, on identical reads through the same local server.
 *
 * `pnpm bench:cache` takes some minutes; with `--quick` there are fewer rounds. Only counts and
 * ratios mean something on another machine, and a busy one blurs them. Exits with 1 where a goal was
 * missed.
 */
import { CACHE_WORKS, type CacheWork, type CacheWorkName } from "./cache-works.ts";
import type { CacheName } from "./caches.ts";
import { compareCaches, type CacheResult } from "./compare-caches.ts";
import { Helper } from "./helper.ts";
import type { ServerSetup } from "./server-process.ts";
import { stampedes } from "./stampede.ts";
import { count, ratio, row, Verdicts } from "./table.ts";
import { KEYS } from "./works.ts";

const WIDTHS = [26, 10, 20, 10, 18, 10, 18];
const quick = process.argv.includes("--quick");
const rounds = quick ? 2 : 5;
const verdicts = new Verdicts();

console.log(`Medians of ${rounds} rounds. What others take is also given in multiples of what @kvplug/cache takes.`);
await using server = new Helper("server-process.ts", { keys: KEYS } satisfies ServerSetup);
for (const name of Object.keys(CACHE_WORKS) as CacheWorkName[]) {
  showWork(CACHE_WORKS[name], await compareCaches(name, rounds, server));
}
await showStampedes("over a backend that answers", false);
await showStampedes("over a backend that refuses", true);
console.log(verdicts.missed === 0 ? "\nAll goals are met." : `\n${verdicts.missed} goals are missed.`);
process.exitCode = verdicts.missed === 0 ? 0 : 1;

async function showStampedes(title: string, refuses: boolean): Promise<void> {
  const names: CacheName[] = ["@kvplug/cache", "lru-cache", "cache-manager", "bentocache", "cacheable", "Keyv"];
  const results = await stampedes(names, refuses);
  console.log(`\n${count(results[0]!.readers)} reads of one key at once, ${title}`);
  console.log(row(WIDTHS, ["", "requests", "readers told", "errors"]));
  for (const { cache, readers, requests, failed, errors } of results) {
    const ours = cache === "@kvplug/cache";
    console.log(
      row(WIDTHS, [
        cache,
        verdicts.atMost(requests, ours ? 1 : undefined, count),
        verdicts.atLeast(failed, ours && refuses ? readers : undefined, count),
        verdicts.atMost(errors, ours && refuses ? 1 : undefined, count),
      ]),
    );
  }
}

function showWork(work: CacheWork, results: readonly CacheResult[]): void {
  console.log(`\n${count(work.reads)} ${work.title}`);
  const heads = ["CPU/read", "", "reads/s", ""];
  console.log(row(WIDTHS, ["", ...heads, ...(work.hitsOnly ? [] : ["requests", ""])]));
  for (const { cache, taken, ratio: times } of results) {
    const lead = work.peers[cache];
    const cells = [
      `${count((taken.cpu / work.reads) * 1e6)} ns`,
      verdicts.atLeast(times.cpu, lead?.cpu, ratio),
      count((work.reads / taken.elapsed) * 1000),
      verdicts.atLeast(times.elapsed, lead?.elapsed, ratio),
    ];
    if (!work.hitsOnly) cells.push(count(taken.requests), verdicts.atLeast(times.requests, lead?.requests, ratio));
    console.log(row(WIDTHS, [cache, ...cells]));
  }
}
