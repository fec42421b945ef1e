import type { CacheControl, HandlerValue } from "./next-contract.ts";

/** Before all ages that data may have. */
const LONG_AGO = -1e15;

/** Next's table of the times of pages in this process. */
interface Times {
  set(key: string, cacheControl: CacheControl): void;
}

/**
 * Next 16 takes a page's times from the entry. Next 15 looks in a table of the process, where those are not that another
 * process made. `undefined` where a release of Next has no such module, and so no need of it.
 */
const timesOfProcess: Promise<Times | undefined> =
  import("next/dist/server/lib/incremental-cache/shared-cache-controls.external.js").then(
    ({ SharedCacheControls }: { SharedCacheControls: new (manifest: object) => Times }) =>
      new SharedCacheControls({ routes: {}, dynamicRoutes: {} }),
    () => undefined,
  );

/** What Next gets of an entry, by the times that the entry has. */
export async function withTimes(key: string, found: HandlerValue): Promise<HandlerValue> {
  if (found.cacheControl !== undefined) (await timesOfProcess)?.set(key, found.cacheControl);
  return found;
}

/** What has Next serve an entry, and make it anew meanwhile: one that is past its time. */
export function pastItsTime(found: HandlerValue): HandlerValue {
  const { value, cacheControl } = found;
  // Its time is in the call, and its age is what counts.
  if (value?.kind === "FETCH") return { ...found, lastModified: LONG_AGO };
  return { ...found, cacheControl: { ...cacheControl, revalidate: 1 } };
}
