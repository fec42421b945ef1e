/** A driver, or a cache over one, in a process of its own: reads so many keys in one tick, and tells what it took. */
import { withCache } from "@kvplug/cache";
import { createKV } from "@kvplug/core";
import type { Address } from "./clients.ts";
import { answerQuestions } from "./helper.ts";
import { measure } from "./measure.ts";
import { keyOf } from "./works.ts";

export interface GrowthSetup {
  readonly address: Address;
  readonly cached: boolean;
}

/** What reads took. Times are in milliseconds. */
export interface GrowthAnswer {
  readonly cpu: number;
  readonly elapsed: number;
  /** The most memory that the process ever had, in bytes. */
  readonly peak: number;
  /** What is on the heap after all is read and swept, beyond what was there before, in bytes. */
  readonly kept: number;
}

const WARM_KEYS = 1_000;

/** More than a million entries take, so that `max` bounds them. */
const MAX_BYTES = 1024 ** 3;

/** How many reads wait at once where the cache is filled: what is measured there is what it keeps. */
const LOT = 100_000;

await answerQuestions(async ({ address, cached }: GrowthSetup) => {
  const kv = createKV({ ...address, apiToken: "bench" });
  return async (keys: number): Promise<GrowthAnswer> => {
    const store = cached ? withCache(kv, { max: keys, maxBytes: MAX_BYTES, deadline: Number.POSITIVE_INFINITY }) : kv;
    const lot = cached ? LOT : keys;
    const read = async (length: number): Promise<void> => {
      await Promise.all(Array.from({ length }, (_, i) => kv.get(keyOf(i))));
    };
    for (let round = 0; round < 20; round++) await read(Math.min(keys, WARM_KEYS));
    globalThis.gc?.();
    const { heapUsed } = process.memoryUsage();
    const { cpu, elapsed } = await measure(async () => {
      for (let from = 0; from < keys; from += lot) {
        const length = Math.min(lot, keys - from);
        await Promise.all(Array.from({ length }, (_, i) => store.get(keyOf(from + i))));
      }
    });
    const peak = process.resourceUsage().maxRSS * 1024;
    globalThis.gc?.();
    const kept = process.memoryUsage().heapUsed - heapUsed;
    // It must not have been swept away.
    await store.get(keyOf(0));
    return { cpu, elapsed, peak, kept };
  };
});
