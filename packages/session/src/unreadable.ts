import { LRUCache } from "lru-cache";
import { digestOf } from "./digest.ts";

/** How many are remembered; then the ones that were met longest ago are news again. */
const MOST = 1_000;

/** Remembers unreadable records, so that each is reported once, although its visitor's cookie keeps asking for it. */
export class Unreadable {
  readonly #digests: LRUCache<string, string> = new LRUCache({ max: MOST });

  /** Whether this record was not met before. */
  isNews(name: string, value: string): boolean {
    const digest = digestOf(value);
    if (this.#digests.get(name) === digest) return false;
    this.#digests.set(name, digest);
    return true;
  }
}
