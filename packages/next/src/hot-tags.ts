import type { KVTags } from "@kvplug/cache/tags";
import { MAX_BULK_GET_KEYS, type KVCallOptions, type Milliseconds } from "@kvplug/core/seam";
import { LRUCache } from "lru-cache";

/** No read takes long to find company. */
const MOST_LOOKED_AT = 1_000;

/**
 * Reads of tags. When some must be asked for, those that were in use lately come along as far as the request has room:
 * so what tags cost depends on how many there are, and not on how many pages have them.
 */
export class HotTags {
  readonly #tags: KVTags;
  readonly #used: LRUCache<string, true>;

  /** @param window For how long a tag counts as in use. */
  constructor(tags: KVTags, window: Milliseconds) {
    this.#tags = tags;
    this.#used = new LRUCache({ max: 10_000, ttl: window });
  }

  /** As {@link KVTags.read}. Resolves at once, without a request, where all are known. */
  async read(tags: readonly string[], call?: KVCallOptions): Promise<void> {
    if (!this.#tags.isKnown(tags)) await this.#tags.read(this.#withOthers(tags), call);
    for (const tag of tags) this.#used.set(tag, true);
  }

  #withOthers(tags: readonly string[]): string[] {
    const all = new Set(tags);
    let looked = 0;
    // The latest first; a place is left for the entry that is read in the same turn.
    for (const tag of this.#used.keys()) {
      if (all.size >= MAX_BULK_GET_KEYS - 1 || ++looked > MOST_LOOKED_AT) break;
      if (!this.#tags.isKnown([tag])) all.add(tag);
    }
    return [...all];
  }
}
