import { TAGS_HEADER, type HandlerValue } from "./next-contract.ts";

/** A tag that no app has: Next knows it as stale, and so any page that has it. */
const STALE_TAG = "kvplug:stale";

/** Before all ages that data may have. */
const LONG_AGO = -1e15;

/** Next's table of tags in this process, of which only its own handlers make use otherwise. */
interface TagsManifest {
  readonly tagsManifest?: unknown;
  readonly areTagsStale?: unknown;
}

const isStaleTagKnown: Promise<boolean> = import("next/dist/server/lib/incremental-cache/tags-manifest.external.js")
  .then((module: TagsManifest) => {
    const { tagsManifest, areTagsStale } = module;
    // Next 15 has another one, and knows pages that are good or not.
    if (!(tagsManifest instanceof Map) || typeof areTagsStale !== "function") return false;
    tagsManifest.set(STALE_TAG, { stale: Number.POSITIVE_INFINITY });
    return true;
  })
  .catch(() => false);

/**
 * Has Next serve a response and make it anew meanwhile. A handler has no way to say that of a page: this leans on a
 * module within Next. Where it is not as expected, there is no response, and the page is made anew at once.
 */
export async function markStale(found: HandlerValue): Promise<HandlerValue | null> {
  const { value } = found;
  if (value?.kind === "FETCH") return { ...found, lastModified: LONG_AGO };
  if (value === null || !(await isStaleTagKnown)) return null;
  const tags = `${String(value.headers?.[TAGS_HEADER] ?? "")},${STALE_TAG}`;
  return { ...found, value: { ...value, headers: { ...value.headers, [TAGS_HEADER]: tags } } };
}
