import type { Milliseconds } from "@kvplug/core/seam";
import { LRUCache } from "lru-cache";
import type { Settings } from "./options.ts";
import type { Draft, OpenRecord } from "./records.ts";

/** What was handed to the namespace, if anything. Boxed: a turn is over when a write is handed over, not when it is confirmed. */
export interface Handed {
  readonly writing?: Promise<void>;
}

/** What this process last read or wrote of a session, and that write. */
export interface Seen extends Handed {
  readonly text: string;
  readonly end: Milliseconds;
  /** The {@link Draft.substance} of the text; of what was read it is made when it is first needed. */
  substance: string | undefined;
  /** When it was last read or written. */
  at: Milliseconds;
  /** When this process wrote it, if it did. */
  readonly written?: Milliseconds;
}

/** How many sessions are remembered where the window is off. */
const MOST_WITHOUT_WINDOW = 10_000;
/** How long KV may show what was there before a write. */
const KV_LAG: Milliseconds = 60_000;

/** Remembers sessions as this process knows them, so that only what is news is written. */
export class SeenSessions {
  readonly #touchAfter: Milliseconds;
  readonly #seen: LRUCache<string, Seen>;

  constructor({ touchAfter, window }: Pick<Settings, "touchAfter" | "window">) {
    this.#touchAfter = touchAfter;
    this.#seen = new LRUCache({ max: window?.max ?? MOST_WITHOUT_WINDOW });
  }

  names(): string[] {
    return Array.from(this.#seen.keys());
  }

  read(name: string, { text, end }: OpenRecord): void {
    const seen = this.#seen.get(name);
    // What is known of the same text, such as its substance, stays known.
    if (seen?.text === text) seen.at = Date.now();
    else this.#seen.set(name, { text, end, substance: undefined, at: Date.now() });
  }

  /** A write that fails is forgotten, so that the next one is sent. */
  wrote(name: string, { text, substance, end }: Draft, writing: Promise<void>): Seen {
    const now = Date.now();
    const seen: Seen = { text, substance, end, writing, at: now, written: now };
    this.#seen.set(name, seen);
    writing.catch(() => {
      if (this.#seen.peek(name) === seen) this.#seen.delete(name);
    });
    return seen;
  }

  forget(name: string): void {
    this.#seen.delete(name);
  }

  /** What is known of a session, unless it was seen so long ago that others may have written it. */
  lately(name: string): Seen | undefined {
    const seen = this.#seen.get(name);
    return seen !== undefined && Date.now() - seen.at < Math.max(this.#touchAfter, KV_LAG) ? seen : undefined;
  }

  /** Whether so little has passed that a session with this end need not be written. */
  isSoon(seen: Seen, end: Milliseconds): boolean {
    const now = Date.now();
    // A session shorter than `touchAfter` would end while it is in use.
    const least = Math.min(this.#touchAfter, (end - now) / 2);
    return now - seen.at < this.#touchAfter && Math.abs(end - seen.end) < least;
  }

  /** Whether this process wrote it so lately that KV may not tell it better. */
  isOwn(name: string): boolean {
    const written = this.#seen.peek(name)?.written;
    return written !== undefined && Date.now() - written < KV_LAG;
  }
}
