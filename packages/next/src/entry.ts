import type { SeenTags } from "@kvplug/cache/tags";
import type { Milliseconds, Seconds } from "@kvplug/core/seam";
import type { CacheControl } from "./next-contract.ts";
import type { Packed, PackedBytes } from "./packed.ts";

/** What KV holds of something that Next made, as JSON. */
export interface StoredEntry {
  /** When its making began. */
  readonly madeAt: Milliseconds;
  /** What its maker knew of its tags then. */
  readonly seen: SeenTags;
  /** When it was done: its times run from then on. */
  readonly doneAt: Milliseconds;
  /** After how long it is made anew; `false`: never. */
  readonly revalidate: Seconds | false;
}

/** A page, a route handler's answer, an image or the data of a `fetch`. */
export interface StoredResponse extends StoredEntry {
  /** `null`: a page that is not found. */
  readonly value: Packed | null;
  /** For processes that did not make it. */
  readonly cacheControl?: CacheControl | undefined;
}

/** What a function with `use cache` returned. */
export interface StoredResult extends StoredEntry {
  readonly value: PackedBytes;
  readonly tags: string[];
  readonly stale: Seconds;
  readonly expire: Seconds;
}

/** Whether an entry is to be made anew because of its age. */
export function isDue({ doneAt, revalidate }: StoredEntry): boolean {
  return revalidate !== false && Date.now() > doneAt + revalidate * 1000;
}
