import type { KVTags, SeenTags, TagBeginning } from "@kvplug/cache/tags";
import type { Milliseconds } from "@kvplug/core/seam";
import { LRUCache } from "lru-cache";

/** The making of an entry, as far as it is known before there is an entry. */
export interface Making {
  readonly since: TagBeginning;
  /** Tags that the entry was asked for with, and may not name itself. */
  readonly askedWith: readonly string[];
}

/** A making that took longer than that counts as begun when it ended. */
const LONGEST: Milliseconds = 600_000;

/**
 * When the makings of entries began. Next asks for an entry before it makes it, and names its tags only when it is made:
 * what counts is what was known of them at the beginning.
 */
export class Makings {
  readonly #begun: LRUCache<string, Making> = new LRUCache({ max: 10_000, ttl: LONGEST });

  /** Notes that an entry is about to be made. Where it is being made already, the earlier beginning counts. */
  begin(name: string, making: Making): void {
    if (!this.#begun.has(name)) this.#begun.set(name, making);
  }

  end(name: string): Making | undefined {
    const making = this.#begun.get(name);
    this.#begun.delete(name);
    return making;
  }
}

/** What is known of tags that a maker was asked with: of those that nothing is known of, the reader judges by the moment. */
export function softlySeen(tags: KVTags, { since, askedWith }: Making): SeenTags {
  return Object.assign({}, ...askedWith.map((tag) => tags.seen([tag], since)));
}
