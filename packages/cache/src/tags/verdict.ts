import type { Milliseconds } from "@kvplug/core/seam";
import type { TagRecord } from "./tag-record.ts";

/**
 * What an entry's maker knew: the time of the newest invalidation of each tag, 0 for none. Plain JSON, to be stored with
 * the entry.
 */
export type SeenTags = Readonly<Record<string, Milliseconds>>;

/**
 * Whether an entry may be used: `"fresh"`: yes; `"stale"`: yes, while it is replaced; `"expired"`: no. `tagging.ts` acts
 * on it for `withCache`, and `next-kv.ts` for `@kvplug/next`.
 */
export type TagVerdict = "fresh" | "stale" | "expired";

/**
 * Judges an entry: a reader may use it if it knows of no invalidation that the maker did not know.
 *
 * @param seen What the maker knew.
 * @param recordOf Returns what the reader knows of a tag.
 */
export function verdictOn(seen: SeenTags, recordOf: (tag: string) => TagRecord, now: Milliseconds): TagVerdict {
  let verdict: TagVerdict = "fresh";
  for (const [tag, newest] of Object.entries(seen)) {
    const { expired = 0, stale = 0, expires = Number.POSITIVE_INFINITY } = recordOf(tag);
    if (expired > newest || (stale > newest && expires <= now)) return "expired";
    if (stale > newest) verdict = "stale";
  }
  return verdict;
}
