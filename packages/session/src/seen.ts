import type { Milliseconds } from "@kvplug/core/seam";
import { LRUCache } from "lru-cache";
import { digestOf } from "./digest.ts";
import type { Settings } from "./options.ts";
import type { Draft, OpenRecord } from "./records.ts";

/**
 * What was passed to the namespace, if anything. Boxed: a turn ends when a write is passed on, not when it is
 * confirmed.
 */
export interface Handed {
  readonly writing?: Promise<void>;
}

/** What this process last read or wrote of a session, and that write. Of the session itself it keeps nothing, so that it is small. */
export interface Seen extends Handed {
  /** The digest of the record's text. */
  readonly text: string;
  /** The digest of {@link Draft.substance}; `undefined` if there is none. */
  readonly substance: string | undefined;
  readonly end: Milliseconds;
  /** When it was last read or written. */
  at: Milliseconds;
  /** When this process wrote it, if it did. */
  readonly written?: Milliseconds;
}

/** How many sessions to remember without a cache; each takes about 500 bytes. */
const MOST_WITHOUT_WINDOW = 10_000;
/** How long KV may show what was there before a write. */
const KV_LAG: Milliseconds = 60_000;

/** Remembers sessions as this process knows them, so that only what is news is written. */
export class SeenSessions {
  readonly #touchAfter: Milliseconds;
  readonly #seen: LRUCache<string, Seen>;

  constructor({ touchAfter, window }: Pick<Settings, "touchAfter" | "window">) {
    this.#touchAfter = touchAfter;
    // As sizes of one: of a `max` the library makes room for all at once.
    this.#seen = new LRUCache({ maxSize: window?.max ?? MOST_WITHOUT_WINDOW, sizeCalculation: () => 1 });
  }

  of(name: string): Seen | undefined {
    return this.#seen.peek(name);
  }

  names(): string[] {
    return Array.from(this.#seen.keys());
  }

  /**
   * A record was read.
   *
   * @param substanceOf Makes the {@link Draft.substance} of a text that was not seen before.
   */
  async read(name: string, { text, end }: OpenRecord, substanceOf: () => Promise<string>): Promise<void> {
    const digest = digestOf(text);
    const known = this.#seen.get(name);
    if (known?.text === digest) {
      known.at = Date.now();
      return;
    }
    const substance = await substanceOf().then(digestOf, () => undefined);
    // What was written meanwhile is newer.
    if (this.#seen.peek(name) === known) this.#seen.set(name, { text: digest, substance, end, at: Date.now() });
  }

  /** A write that fails is forgotten, so that the next one is sent. */
  wrote(name: string, { text, substance, end }: Draft, writing: Promise<void>): Seen {
    const now = Date.now();
    const digests = { text: digestOf(text), substance: digestOf(substance) };
    const seen: Seen = { ...digests, end, writing, at: now, written: now };
    this.#seen.set(name, seen);
    writing.catch(() => {
      if (this.#seen.peek(name) === seen) this.#seen.delete(name);
    });
    return seen;
  }

  forget(name: string): void {
    this.#seen.delete(name);
  }

  /**
   * Returns what is known of a session that is the same except for time, unless it was seen so long ago that others may
   * have written it.
   */
  same(name: string, { substance }: Draft): Seen | undefined {
    const seen = this.#seen.get(name);
    if (seen === undefined || Date.now() - seen.at >= Math.max(this.#touchAfter, KV_LAG)) return undefined;
    return seen.substance === digestOf(substance) ? seen : undefined;
  }

  /** Whether so little has passed that a session with this end need not be written. */
  isSoon(seen: Seen, end: Milliseconds): boolean {
    const now = Date.now();
    // A session shorter than `touchAfter` would end while it is in use, and one that was shortened would outlast its cookie.
    const least = Math.min(this.#touchAfter, (seen.end - now) / 2, (end - now) / 2);
    return now - seen.at < this.#touchAfter && Math.abs(end - seen.end) < least;
  }

  /** Whether this process wrote it so recently that KV may not know better. */
  isOwn(name: string): boolean {
    const written = this.#seen.peek(name)?.written;
    return written !== undefined && Date.now() - written < KV_LAG;
  }
}
