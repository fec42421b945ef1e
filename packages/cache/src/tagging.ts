import type { KVCallOptions, KVEntry, KVPresent } from "@kvplug/core/seam";
import { MISSING, type Content } from "./content.ts";
import { splitTags } from "./tagged-metadata.ts";
import type { KVTags } from "./tags/kv-tags.ts";

/** Decides by tags which entries a cache may return. Expired ones count as missing. */
export class Tagging {
  readonly tags: KVTags;

  constructor(tags: KVTags) {
    this.tags = tags;
  }

  /** Returns whether an entry is not expired, by what this process knows. */
  isGood({ seen }: Content): boolean {
    return seen === undefined || this.tags.judge(seen) !== "expired";
  }

  /** As {@link isGood}, with fresh copies of all its records. */
  isSurelyGood({ seen }: Content): boolean {
    return seen === undefined || (this.tags.isKnown(Object.keys(seen)) && this.tags.judge(seen) !== "expired");
  }

  /** Returns whether an entry may be returned only while it is replaced. */
  isStale({ seen }: Content): boolean {
    return seen !== undefined && this.tags.judge(seen) === "stale";
  }

  /** Reads tags in the tick in which an entry is read that probably has them, so that they share a request. */
  askAlong(tags: readonly string[]): void {
    // If it fails, the call that needs it asks again.
    if (tags.length > 0) void this.tags.read(tags).catch(() => {});
  }

  /** Takes the tags out of what the backend found, reads them, and returns what may be used of it. */
  async settle(key: string, found: Content): Promise<Content> {
    const { metadata, seen } = splitTags(found.metadata);
    // A record that carried tags would be judged by itself.
    if (seen === undefined || this.tags.isRecord(key)) return found;
    const content: Content = { ...found, metadata, seen };
    await this.tags.read(Object.keys(seen));
    return this.isGood(content) ? content : MISSING;
  }

  /** As {@link settle}, for what is not kept; `undefined` if it is expired. */
  async settleEntry<Entry extends KVEntry<unknown> | KVPresent | null>(
    entry: Entry,
    call: KVCallOptions,
  ): Promise<Entry | undefined> {
    if (entry === null || entry.metadata === null || entry.metadata === undefined) return entry;
    const { metadata, seen } = splitTags(JSON.stringify(entry.metadata));
    if (seen === undefined) return entry;
    await this.tags.read(Object.keys(seen), call);
    if (this.tags.judge(seen) === "expired") return undefined;
    return { ...entry, metadata: metadata === undefined ? null : JSON.parse(metadata) };
  }
}
