import { LRUCache } from "lru-cache";
import { utf8Length, type Milliseconds } from "@kvplug/core/seam";
import { now } from "./clock.ts";
import { endOf, isExpired, serves, type Content, type Want } from "./content.ts";
import { events } from "./events.ts";
import type { CacheSettings } from "./options.ts";
import type { CacheCounts } from "./stats.ts";
import type { Tagging } from "./tagging.ts";
import type { SeenTags } from "./tags/verdict.ts";

/** Content that is kept here. Moments are on the clock of {@link now}. */
export interface Copy extends Content {
  /** Until when it is believed. */
  readonly freshUntil: Milliseconds;
  /** Until when it may be returned at all: when its key expires, or at once after `freshUntil`. */
  readonly endsAt: Milliseconds;
  /** Whether it is what this process wrote, and not what it read. */
  readonly written: boolean;
}

/**
 * What a copy costs beside its texts and bytes: its object, and its places in the list and the map.
 * Measured: 290 where the value is text, 380 where it is a buffer.
 */
const OVERHEAD_BYTES = 320;

/** What a tag of a copy costs beside its text. */
const TAG_BYTES = 32;

/** The copies that a process holds, bounded: the least recently used one goes first. */
export class Copies {
  readonly #settings: CacheSettings;
  readonly #counts: CacheCounts;
  readonly #tagging: Tagging | undefined;
  readonly #lru: LRUCache<string, Copy>;

  constructor(settings: CacheSettings, counts: CacheCounts, tagging: Tagging | undefined) {
    this.#settings = settings;
    this.#counts = counts;
    this.#tagging = tagging;
    const { max, maxBytes } = settings;
    this.#lru = new LRUCache({
      // 0: no bound but that of bytes, of which each entry takes some.
      max: max ?? 0,
      maxSize: maxBytes,
      dispose: (_copy, key, reason) => {
        if (reason !== "evict") return;
        counts.evictions++;
        if (events.hasSubscribers) events.publish({ type: "evict", key });
      },
    });
  }

  get entries(): number {
    return this.#lru.size;
  }

  get bytes(): number {
    return this.#lru.calculatedSize;
  }

  /** A copy that is believed, and tells what is wanted. */
  fresh(key: string, want: Want): Copy | undefined {
    const copy = this.#lru.get(key);
    if (copy === undefined || now() >= copy.freshUntil || !serves(copy, want) || isExpired(copy)) return undefined;
    return this.#tagging === undefined || this.#tagging.isSurelyGood(copy) ? copy : undefined;
  }

  /** A copy that tells what is wanted, and was believed until no longer than `window` ago. */
  stale(key: string, want: Want, window: Milliseconds): Copy | undefined {
    const copy = this.#lru.get(key);
    if (copy === undefined || !serves(copy, want) || isExpired(copy)) return undefined;
    if (now() >= Math.min(copy.freshUntil + window, copy.endsAt)) return undefined;
    if (this.#tagging === undefined) return copy;
    // Without a window, its records must be fresh as well.
    return (window > 0 ? this.#tagging.isGood(copy) : this.#tagging.isSurelyGood(copy)) ? copy : undefined;
  }

  /** Returns the tags that a key had when it was last read or written. */
  tagsOf(key: string): readonly string[] {
    return Object.keys(this.#lru.peek(key)?.seen ?? {});
  }

  /**
   * What to ask for where something is wanted: the metadata as well that the copy tells which is there, so that the next one
   * tells both. Not its bytes: text with metadata is one request, and so of one write; bytes with metadata are two.
   */
  widened(key: string, want: Want): Want {
    const copy = this.#lru.peek(key);
    if (copy === undefined || copy.data === null || now() >= copy.freshUntil) return want;
    if (this.#tagging?.isGood(copy) === false) return want;
    return { bytes: want.bytes, metadata: want.metadata || copy.described };
  }

  /** Keeps what was read, for as long as it may be believed. */
  keepRead(key: string, content: Content): void {
    const { ttl, negativeTtl } = this.#settings;
    // That a tag has no record is cached as long as a record is.
    const isMissing = content.data === null && this.#tagging?.tags.isRecord(key) !== true;
    this.#keep(key, content, isMissing ? negativeTtl : ttl, false);
  }

  /** Keeps what was written. A key that was deleted is remembered as well: a backend may show it for a while. */
  keepWritten(key: string, content: Content): void {
    this.#keep(key, content, this.#settings.ttl, true);
  }

  drop(key: string): void {
    this.#lru.delete(key);
  }

  /** Drops what was read; what was written is known better. */
  dropRead(key: string): void {
    if (this.#lru.peek(key)?.written === false) this.#lru.delete(key);
  }

  dropPrefix(prefix: string): void {
    const keys = Array.from(this.#lru.keys()).filter((key) => key.startsWith(prefix));
    for (const key of keys) this.#lru.delete(key);
  }

  clear(): void {
    this.#lru.clear();
  }

  #keep(key: string, content: Content, ttl: Milliseconds, written: boolean): void {
    const { maxBytes, maxValueBytes } = this.#settings;
    const { data, metadata, seen } = content;
    const bytes = bytesIn(data ?? "");
    const size = OVERHEAD_BYTES + bytes + bytesIn(key) + bytesIn(metadata ?? "") + (seen ? bytesOfTags(seen) : 0);
    if (bytes > maxValueBytes || size > maxBytes) {
      this.#counts.tooLarge++;
      this.#lru.delete(key);
      return;
    }
    if (ttl === 0) {
      this.#lru.delete(key);
      return;
    }
    // No copy outlives its key, nor does one of a key that does not exist outlive its time.
    const keptAt = now();
    const keyEndsAt = keptAt + (endOf(content) - Date.now());
    const freshUntil = Math.min(keptAt + ttl, keyEndsAt);
    this.#lru.set(key, { ...content, freshUntil, endsAt: data === null ? freshUntil : keyEndsAt, written }, { size });
  }
}

function bytesOfTags(seen: SeenTags): number {
  let bytes = 0;
  for (const tag of Object.keys(seen)) bytes += TAG_BYTES + bytesIn(tag);
  return bytes;
}

/** How many bytes something takes in memory: V8 keeps text in one byte a character where it can, else in two. */
function bytesIn(data: string | ArrayBuffer): number {
  if (typeof data !== "string") return data.byteLength;
  // As long in UTF-8 as in characters: all of it is ASCII.
  return utf8Length(data) === data.length ? data.length : 2 * data.length;
}
