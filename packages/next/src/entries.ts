import { withCache, type CachedKV } from "@kvplug/cache";
import { MIN_EXPIRATION_TTL_SECONDS, type KVNamespace, type Milliseconds, type Seconds } from "@kvplug/core/seam";
import { LRUCache } from "lru-cache";
import type { StoredEntry } from "./entry.ts";
import { report } from "./report.ts";

/** An entry is looked for in KV before the end of its `ttl` no more often than this. */
const RECHECK: Milliseconds = 1000;

/** How long it is believed that KV has no such entry: another process may be making it. */
const NEGATIVE_TTL: Milliseconds = 1000;

/** How long a copy may stand in for KV while KV is away. */
const STALE_IF_ERROR: Milliseconds = 86_400_000;

/** A parsed entry, and the text that it was parsed from. */
interface Parsed {
  readonly text: string;
  readonly entry: StoredEntry;
}

/** The entries in KV, behind the copies of this process. Nothing here rejects: where KV fails, there is no entry. */
export class Entries {
  readonly #kv: CachedKV<any>;
  /** Saves parsing again what has not changed. While KV is away, it serves what was made meanwhile. */
  readonly #parsed: LRUCache<string, Parsed>;
  readonly #rechecked: LRUCache<string, true> = new LRUCache({ max: 10_000, ttl: RECHECK });
  readonly #maxTtl: Seconds;

  /** @param maxTtl The longest that an entry lives. */
  constructor(kv: KVNamespace<any>, options: { ttl: Milliseconds; maxBytes: number }, maxTtl: Seconds) {
    const { ttl } = options;
    const maxBytes = Math.ceil(options.maxBytes / 2);
    this.#kv = withCache(kv, {
      maxBytes,
      maxValueBytes: maxBytes,
      ttl,
      negativeTtl: Math.min(ttl, NEGATIVE_TTL),
      staleIfError: STALE_IF_ERROR,
      circuit: { failures: 1 },
    });
    // The text, and what was parsed from it.
    this.#parsed = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ text }) => 2 * text.length + 1 });
    this.#maxTtl = maxTtl;
  }

  /** What was there last, as far as this process remembers. */
  peek(name: string): StoredEntry | undefined {
    return this.#parsed.get(name)?.entry;
  }

  /** What is there, by a copy where there is one. */
  async get(name: string): Promise<StoredEntry | undefined> {
    let text: string | null;
    try {
      text = await this.#kv.get(name);
    } catch {
      return this.peek(name);
    }
    const known = this.#parsed.get(name);
    if (known?.text === text) return known.entry;
    const entry = text === null ? undefined : parse(name, text);
    if (entry === undefined) this.#parsed.delete(name);
    else this.#parsed.set(name, { text: text!, entry });
    return entry;
  }

  /** As {@link get}, but not by a copy, unless that was read within the last second. */
  async getAgain(name: string): Promise<StoredEntry | undefined> {
    if (!this.#rechecked.has(name)) {
      this.#rechecked.set(name, true);
      this.#kv.invalidate(name);
    }
    return this.get(name);
  }

  /** Stores an entry, behind the caller's back. Reads of this process see it from now on. */
  set(name: string, entry: StoredEntry, ttl: Seconds): void {
    const text = this.keep(name, entry);
    const expirationTtl = Math.min(this.#maxTtl, Math.max(MIN_EXPIRATION_TTL_SECONDS, Math.ceil(ttl)));
    this.#kv.put(name, text, { expirationTtl }).catch((error: unknown) => {
      report("KV cannot be written, and other instances make anew what was made here", error);
    });
  }

  /** Remembers an entry for as long as KV is away. */
  keep(name: string, entry: StoredEntry): string {
    const text = JSON.stringify(entry);
    this.#parsed.set(name, { text, entry });
    return text;
  }
}

function parse(name: string, text: string): StoredEntry | undefined {
  try {
    const entry = JSON.parse(text) as StoredEntry;
    if (typeof entry.madeAt === "number" && typeof entry.doneAt === "number") return entry;
  } catch {}
  report(`The value of ${name} is made anew`, new Error("It is not one of this package's."));
  return undefined;
}
