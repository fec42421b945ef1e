import { LRUCache } from "lru-cache";
import { utf8Length, type Milliseconds } from "@kvplug/core/seam";
import type { Content } from "./content.ts";
import { events } from "./events.ts";
import type { CacheSettings } from "./options.ts";
import type { CacheCounts } from "./stats.ts";

/** Content that is kept here. Moments are on the clock of `Date.now()`. */
export interface Copy extends Content {
  /** Until when it is believed. */
  readonly freshUntil: Milliseconds;
  /** Until when it may still be handed out in place of nothing. */
  readonly usableUntil: Milliseconds;
  /** Whether it is what this process wrote, and not what it read. */
  readonly written: boolean;
}

/**
 * What a copy costs beside its texts and bytes: its object, and its places in the list and the map.
 * Measured: 290 where the value is text, 380 where it is a buffer.
 */
const OVERHEAD_BYTES = 320;

/** The copies that a process holds, bounded: the least recently used one goes first. */
export class Copies {
  readonly #settings: CacheSettings;
  readonly #counts: CacheCounts;
  readonly #lru: LRUCache<string, Copy>;

  constructor(settings: CacheSettings, counts: CacheCounts) {
    this.#settings = settings;
    this.#counts = counts;
    const { max, maxBytes } = settings;
    this.#lru = new LRUCache({
      // 0: no bound of that kind.
      max: max ?? 0,
      maxSize: maxBytes ?? 0,
      // Without it, sizes are not added up where there is no bound of bytes.
      maxEntrySize: maxBytes ?? Number.MAX_SAFE_INTEGER,
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

  /** A copy, however old it is. */
  get(key: string): Copy | undefined {
    return this.#lru.get(key);
  }

  /** Keeps what was read, for as long as it may be believed. */
  keepRead(key: string, content: Content): void {
    this.#keep(key, content, content.data === null ? this.#settings.negativeTtl : this.#settings.ttl, false);
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
    const { maxBytes, maxValueBytes, staleWhileRevalidate, staleIfError } = this.#settings;
    const { data, metadata, expiration } = content;
    const bytes = bytesIn(data ?? "");
    const size = OVERHEAD_BYTES + bytes + bytesIn(key) + bytesIn(metadata ?? "");
    if (bytes > maxValueBytes || (maxBytes !== undefined && size > maxBytes)) {
      this.#counts.tooLarge++;
      this.#lru.delete(key);
      return;
    }
    if (ttl === 0) {
      this.#lru.delete(key);
      return;
    }
    // No copy outlives its key.
    const end = expiration === undefined ? Number.POSITIVE_INFINITY : expiration * 1000;
    const freshUntil = Math.min(Date.now() + ttl, end);
    const window = data === null ? 0 : Math.max(staleWhileRevalidate, staleIfError);
    const usableUntil = Math.min(freshUntil + window, end);
    this.#lru.set(key, { ...content, freshUntil, usableUntil, written }, { size });
  }
}

/** How many bytes something takes in memory: V8 keeps text in one byte a character where it can, else in two. */
function bytesIn(data: string | ArrayBuffer): number {
  if (typeof data !== "string") return data.byteLength;
  // As long in UTF-8 as in characters: all of it is ASCII.
  return utf8Length(data) === data.length ? data.length : 2 * data.length;
}
