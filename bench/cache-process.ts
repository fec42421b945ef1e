/** A cache in a process of its own: does its work, and tells what it took. */
import { CACHES, type CacheName } from "./caches.ts";
import type { Address } from "./clients.ts";
import { CACHE_WORKS, check, HOT, type CacheWorkName } from "./cache-works.ts";
import { answerQuestions } from "./helper.ts";
import { measure } from "./measure.ts";

export interface CacheSetup {
  readonly name: CacheName;
  readonly address: Address;
  readonly work: CacheWorkName;
}

/** How many reads to make. */
export type CacheQuestion = number;

await answerQuestions(async ({ name, address, work }: CacheSetup) => {
  const newCache = CACHES[name](address);
  const { max, hitsOnly, run } = CACHE_WORKS[work];
  const filled = hitsOnly ? newCache(max) : undefined;
  if (filled) for (const key of HOT) check(await filled.read(key));
  return (reads: CacheQuestion) => {
    const cache = filled ?? newCache(max);
    return measure(() => run(cache, reads));
  };
});
