import { bars } from "./chart.ts";
import { count } from "./format.ts";
import type { Results } from "./results.ts";

/** The charts of a run: the name of the file to its SVG. */
export function charts({ works, caches, budget }: Results): Record<string, string> {
  return {
    "requests-per-10000-keys": bars(
      "Requests for 10,000 keys that are read in one tick",
      "requests for 10,000 reads in one tick",
      works.gets!.map(({ client, requests }) => ({ name: client, figure: requests, label: count(requests) })),
    ),
    "requests-per-10000-writes": bars(
      "Requests for 10,000 keys that are written in one tick",
      "requests for 10,000 writes in one tick",
      works.puts!.map(({ client, requests }) => ({ name: client, figure: requests, label: count(requests) })),
    ),
    "keys-under-the-budget": bars(
      "Keys of 10,000 that arrive under a budget of 120 requests in 3 s",
      "keys that arrive, of 10,000 requested in one tick",
      budget
        .filter(({ reads }) => reads === 10_000)
        .map(({ client, arrived, elapsed }) => ({
          name: client,
          figure: Math.max(arrived, 1),
          label: `${count(arrived)} in ${(elapsed / 1000).toFixed(1)} s`,
        })),
    ),
    "requests-of-a-cache": bars(
      "Requests for 100,000 zipfian reads of 10,000 keys through a cache of 1,000 entries",
      "requests for 100,000 zipfian reads, 1,000 entries",
      caches.bounded!.map(({ cache, taken }) => ({
        name: cache,
        figure: taken.requests,
        label: count(taken.requests),
      })),
    ),
  };
}
