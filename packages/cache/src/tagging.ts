import type { KVCallOptions, KVEntry, KVPresent } from "@kvplug/core/seam";
import { MISSING, type Content } from "./content.ts";
import { splitTags } from "./tagged-metadata.ts";
import type { KVTags } from "./tags/kv-tags.ts";

/** Which contents of a cache may be handed out, by their tags. What was made in ignorance of an invalidation counts as missing. */
export class Tagging {
  readonly tags: KVTags;

  constructor(tags: KVTags) {
    this.tags = tags;
  }

  /** Whether it may be handed out, by all that is known. */
  isGood({ seen }: Content): boolean {
    return seen === undefined || this.tags.judge(seen) !== "expired";
  }

  /** As {@link isGood}, and all that is to be known of its tags is as fresh as copies must be. */
  isSurelyGood({ seen }: Content): boolean {
    return seen === undefined || (this.tags.isKnown(Object.keys(seen)) && this.tags.judge(seen) !== "expired");
  }

  /** Whether it may be handed out while it is made anew. */
  isStale({ seen }: Content): boolean {
    return seen !== undefined && this.tags.judge(seen) === "stale";
  }

  /** Asks for tags in the turn in which an entry is asked for that probably has them, so that they share a request. */
  askAlong(tags: readonly string[]): void {
    // Where it fails, whoever needs it asks again.
    if (tags.length > 0) void this.tags.read(tags).catch(() => {});
  }

  /** What the backend found, as the cache takes it. */
  async settle(key: string, found: Content): Promise<Content> {
    const { metadata, seen } = splitTags(found.metadata);
    // A record that carried tags would be judged by itself.
    if (seen === undefined || this.tags.isRecord(key)) return found;
    const content: Content = { ...found, metadata, seen };
    await this.tags.read(Object.keys(seen));
    return this.isGood(content) ? content : MISSING;
  }

  /** As {@link settle}, of what is not kept. */
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
