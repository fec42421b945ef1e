import type { Listing } from "./listing.ts";
import { MAX_BULK_KEYS } from "../seam/limits.ts";
import type { Overtaking } from "../writes/overtakings.ts";
import type { Steps } from "../seam/steps.ts";
import type { Writes } from "../writes/writes.ts";

/** Deletes all keys with a prefix, except those that are put after the call. Returns how many it deleted. */
export async function clear(prefix: string, writes: Writes, listing: Listing, steps: Steps): Promise<number> {
  // What is put from now on stays.
  const overtaking = writes.overtaking(prefix);
  // What is still being put is in no listing, nor is what may come of an abandoned put; what is being deleted may fail to be.
  let names = new Set<string>();
  const deleted: string[] = [];
  const abandoned = new Set(writes.abandonedPuts(prefix));
  for (const { key, put } of writes.allUnderWay(prefix)) {
    abandoned.delete(key);
    if (put) names.add(key);
    else deleted.push(key);
  }
  let count = 0;
  const flush = async (): Promise<void> => {
    const found = names;
    names = new Set();
    count += await deleteUnlessPut(found, writes, overtaking, steps);
  };
  try {
    await deleteUnlessPut(deleted, writes, overtaking, steps);
    for await (const page of listing.pages(prefix, steps)) {
      for (const { name } of page) {
        names.add(name);
        abandoned.delete(name);
      }
      if (names.size >= MAX_BULK_KEYS) await flush();
    }
    await flush();
    await deleteUnlessPut(abandoned, writes, overtaking, steps);
  } finally {
    overtaking.end();
  }
  return count;
}

/** Deletes keys, except those that were put since the clear began. Returns how many it deleted. */
async function deleteUnlessPut(
  names: Iterable<string>,
  writes: Writes,
  overtaking: Overtaking,
  steps: Steps,
): Promise<number> {
  const deleted: string[] = [];
  const later: string[] = [];
  for (const name of names) {
    if (overtaking.has(name)) continue;
    const write = writes.underWay(name);
    (write && overtaking.isLater(write) ? later : deleted).push(name);
  }
  if (deleted.length > 0) await steps.next((left) => writes.deleteMany(deleted, left));
  if (later.length === 0) return deleted.length;
  // A later write may still fail, and leave what was there before.
  const areDeleted = await steps.next((left) => Promise.all(later.map((name) => writes.settled(name, left))));
  const left = later.filter((_, i) => !areDeleted[i]);
  return deleted.length + (await deleteUnlessPut(left, writes, overtaking, steps));
}
