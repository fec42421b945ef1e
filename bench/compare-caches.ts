import { CACHE_WORKS, type CacheWorkName } from "./cache-works.ts";
import type { CacheQuestion, CacheSetup } from "./cache-process.ts";
import type { CacheName } from "./caches.ts";
import type { Address } from "./clients.ts";
import { Helper } from "./helper.ts";
import { median, type Measured } from "./measure.ts";
import type { ServerQuestion } from "./server-process.ts";
import { takeTurns } from "./turns.ts";

/** What a cache took for a work. */
interface Taken extends Measured {
  readonly requests: number;
}

/** How a cache did a work. Medians over the turns, as {@link Taken} in all. */
export interface CacheResult {
  readonly cache: CacheName;
  readonly reads: number;
  readonly taken: Taken;
  /** The same in multiples of what kvplug took in the same turn. */
  readonly ratio: Taken;
}

interface Contender {
  readonly cache: CacheName;
  readonly process: Helper;
  readonly turns: Taken[];
}

/** Has kvplug and its peers do a share of a work, each in a process of its own. The first result is kvplug's. */
export async function compareCaches(
  work: CacheWorkName,
  rounds: number,
  share: number,
  server: Helper,
): Promise<CacheResult[]> {
  const { peers, turns } = CACHE_WORKS[work];
  const [reads, warmUp] = [CACHE_WORKS[work].reads * share, CACHE_WORKS[work].warmUp * share];
  const address = await server.ask<Address>("address" satisfies ServerQuestion);
  await using processes = new AsyncDisposableStack();
  const contenders: Contender[] = [];
  for (const cache of ["@kvplug/cache", ...Object.keys(peers)] as CacheName[]) {
    const process = processes.use(new Helper("cache-process.ts", { name: cache, address, work } satisfies CacheSetup));
    await process.ask(warmUp satisfies CacheQuestion);
    contenders.push({ cache, process, turns: [] });
  }
  await takeTurns(contenders, rounds * turns, async (contender) => {
    await server.ask("requests" satisfies ServerQuestion);
    const measured = await contender.process.ask<Measured>(reads satisfies CacheQuestion);
    contender.turns.push({ ...measured, requests: await server.ask<number>("requests" satisfies ServerQuestion) });
  });
  return contenders.map((contender) => summarise(reads, contender, contenders[0]!));
}

function summarise(reads: number, { cache, turns }: Contender, ours: Contender): CacheResult {
  const medianOf = (figure: (turn: Taken, oursThen: Taken) => number): number =>
    median(turns.map((turn, i) => figure(turn, ours.turns[i]!)));
  return {
    cache,
    reads,
    taken: {
      requests: medianOf(({ requests }) => requests),
      cpu: medianOf(({ cpu }) => cpu),
      elapsed: medianOf(({ elapsed }) => elapsed),
    },
    ratio: {
      requests: medianOf(({ requests }, then) => requests / then.requests),
      cpu: medianOf(({ cpu }, then) => cpu / then.cpu),
      elapsed: medianOf(({ elapsed }, then) => elapsed / then.elapsed),
    },
  };
}
