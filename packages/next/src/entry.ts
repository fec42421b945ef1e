import type { SeenTags } from "@kvplug/cache/tags";
import type { Milliseconds, Seconds } from "@kvplug/core/seam";
import type { CacheControl } from "./next-contract.ts";
import type { Packed, PackedBytes } from "./packed.ts";

/** An entry as KV stores it, in JSON. */
export interface StoredEntry {
  /** When Next began to make it. */
  readonly madeAt: Milliseconds;
  /** What its maker knew of its tags then. */
  readonly seen: SeenTags;
  /** When it was finished: its times count from then. */
  readonly doneAt: Milliseconds;
  /** After how long Next makes it again; `false`: never. */
  readonly revalidate: Seconds | false;
}

/** A page, a route handler's answer, an image or the data of a `fetch`. */
export interface StoredResponse extends StoredEntry {
  /** `null`: a page that is not found. */
  readonly value: Packed | null;
  /** For processes that did not make it. */
  readonly cacheControl?: CacheControl | undefined;
}

/** The result of a function with `use cache`. */
export interface StoredResult extends StoredEntry {
  readonly value: PackedBytes;
  readonly tags: string[];
  readonly stale: Seconds;
  readonly expire: Seconds;
}

/** Whether an entry is so old that Next should make it again. */
export function isDue({ doneAt, revalidate }: StoredEntry): boolean {
  return revalidate !== false && Date.now() > doneAt + revalidate * 1000;
}
