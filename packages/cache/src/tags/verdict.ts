import type { Milliseconds } from "@kvplug/core/seam";
import { NEVER, type TagRecord } from "./tag-record.ts";

/**
 * What the maker of an entry knew: of each of its tags the moment of the newest invalidation, 0 where it knew of none.
 * It is plain JSON, to be stored with the entry.
 */
export type SeenTags = Readonly<Record<string, Milliseconds>>;

/** Whether an entry may be served: yes; yes, while it is made anew; no. */
export type TagVerdict = "fresh" | "stale" | "expired";

/**
 * Judges an entry: it is good for whom knows of no invalidation that its maker did not know.
 *
 * @param seen What its maker knew.
 * @param recordOf What the reader knows of a tag; `undefined` where that is nothing.
 */
export function verdictOn(
  seen: SeenTags,
  recordOf: (tag: string) => TagRecord | undefined,
  now: Milliseconds,
): TagVerdict {
  let verdict: TagVerdict = "fresh";
  for (const [tag, newest] of Object.entries(seen)) {
    const { expired = 0, stale = 0, expires = Number.POSITIVE_INFINITY } = recordOf(tag) ?? NEVER;
    if (expired > newest || (stale > newest && expires <= now)) return "expired";
    if (stale > newest) verdict = "stale";
  }
  return verdict;
}
