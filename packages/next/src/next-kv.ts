import { withCache } from "@kvplug/cache";
import { KVTags, type SeenTags, type TagBeginning, type TagVerdict } from "@kvplug/cache/tags";
import { openNamespace, type OpenNamespace } from "@kvplug/core";
import { nameOfLong, waitAtMost, type KVNamespace, type Milliseconds, type Seconds } from "@kvplug/core/seam";
import { Entries } from "./entries.ts";
import { isDue, type StoredEntry } from "./entry.ts";
import { guarded } from "./guarded.ts";
import { HotTags } from "./hot-tags.ts";
import type { Durations } from "./next-contract.ts";
import { settingsOf, type NextKVOptions, type NextKVSettings } from "./options.ts";
import { report } from "./report.ts";
import { Timeline } from "./timeline.ts";

/** The longest that an entry lives in KV. Next never deletes, and pages of a build are of no use to the next one. */
export const MAX_TTL: Seconds = 30 * 86_400;

/** How long the record of a tag may stand in for KV while KV is away. */
const STALE_IF_ERROR: Milliseconds = 86_400_000;

/** An entry that may be served. */
export interface Found<Entry> {
  readonly entry: Entry;
  /** Whether a tag says that it is to be made anew meanwhile. */
  readonly isStale: boolean;
}

/** What is looked for. */
export interface Wanted<Entry extends StoredEntry, Value> {
  /** Tags that the reader knows of. */
  readonly askedWith: readonly string[];
  /** Tags that an entry tells. */
  readonly tagsOf: (entry: Entry) => readonly string[];
  /** What Next gets of it. */
  readonly valueOf: (found: Found<Entry>) => Value | undefined;
}

/** The making of an entry. */
export interface Making {
  /** When it began; for all that is known, it may have been sooner. */
  readonly since: TagBeginning;
  /** Tags that the entry was asked for with, and may not name itself. */
  readonly askedWith: readonly string[];
}

/** What Next's handlers share in a process: entries, tags, and what is being made. */
export class NextKV {
  readonly settings: NextKVSettings;
  readonly kv: KVNamespace<any>;
  readonly entries: Entries;
  readonly #opened: OpenNamespace;
  readonly #tags: KVTags;
  readonly #hot: HotTags;
  readonly #timeline: Timeline;

  /**
   * @param onUnconfigured Called when it turns out that an account, a namespace or a token is missing.
   * @throws {KVError} for options that do not exist or cannot be.
   */
  constructor(options: NextKVOptions, onUnconfigured: () => void) {
    const settings = settingsOf(options);
    const { ttl, tagTtl, maxBytes, prefix, bus, deadline } = settings;
    const opened = openNamespace(settings.kv);
    const reads = guarded(opened.kv, deadline, onUnconfigured);
    const records = withCache(reads, {
      max: 20_000,
      ttl: tagTtl,
      staleIfError: STALE_IF_ERROR,
      circuit: { failures: 1 },
      ...(bus !== undefined && { bus }),
    });
    this.settings = settings;
    this.kv = opened.kv;
    this.#opened = opened;
    this.entries = new Entries(reads, { ttl, maxBytes }, MAX_TTL);
    this.#tags = new KVTags(records, { prefix: `${prefix}tag:`, maxEntryTtl: MAX_TTL });
    this.#hot = new HotTags(this.#tags, 2 * tagTtl);
    this.#timeline = new Timeline(this.#tags);
  }

  /** The key of an entry; where it is too long, the end of it is hashed. */
  nameOf(kind: string, key: string): string {
    return nameOfLong(`${this.settings.prefix}${kind}:`, key);
  }

  /**
   * Finds an entry that may be served, as what Next wants of it. Never rejects, whatever KV holds, and takes no longer
   * than the deadline.
   */
  async find<Entry extends StoredEntry, Value>(
    name: string,
    { askedWith, tagsOf, valueOf }: Wanted<Entry, Value>,
  ): Promise<Value | undefined> {
    const find = async (): Promise<Value | undefined> => {
      const found = await this.#look(name, askedWith.filter(isTag), tagsOf);
      return found && valueOf(found);
    };
    const finding = find().catch((error: unknown) => {
      report(`What KV holds as ${name} cannot be used, and is made anew`, error);
      return undefined;
    });
    return waitAtMost<Value | undefined>(finding, this.settings.deadline, (resolve) => resolve(undefined));
  }

  /** Says that the making of an entry begins, after {@link find}: it is asked for with these tags. */
  beginMaking(askedWith: readonly string[]): Making {
    return { since: this.#timeline.now(), askedWith: askedWith.filter(isTag) };
  }

  /** The making of an entry that began at a moment of Next's clock, or of which nothing is known. */
  making(moment: Milliseconds | undefined, askedWith: readonly string[] = []): Making {
    const since = moment === undefined ? this.#timeline.longAgo() : this.#timeline.at(moment);
    return { since, askedWith: askedWith.filter(isTag) };
  }

  /**
   * Stores an entry that is made, unless one of its tags was invalidated since its making began.
   *
   * @param tags Those that it tells.
   * @param ttl For how long.
   */
  async store<Entry extends StoredEntry>(
    name: string,
    entry: Omit<Entry, "madeAt" | "seen">,
    tags: readonly string[],
    { since, askedWith }: Making,
    ttl: Seconds,
  ): Promise<void> {
    const known = tags.filter(isTag);
    const isKnown = await this.#readTags(known);
    const seen = this.#tags.seen(known, since);
    const madeAt = since.at;
    if (seen !== undefined) {
      // Of those that nothing is known of, the reader judges by the moment.
      const soft = askedWith.map((tag) => this.#tags.seen([tag], since) ?? {});
      // A tag may be called `__proto__`, which cannot be assigned.
      const all: SeenTags = Object.fromEntries([...soft, seen].flatMap(Object.entries<Milliseconds>));
      this.entries.set(name, { ...entry, madeAt, seen: all }, ttl);
    } else if (!isKnown) {
      // Nobody else may have it: its maker may not have known what they know.
      this.entries.keep(name, { ...entry, madeAt, seen: {} });
    }
  }

  /** Invalidates tags: in this process from the call on. Resolves when KV knows, or at the deadline. */
  async invalidate(tags: readonly string[], durations?: Durations): Promise<void> {
    const written = this.#tags.invalidate(tags.filter(isTag), { staleFor: staleForOf(durations) });
    const settled = written.catch((error: unknown) => {
      report("KV cannot be written, and other instances go on serving what was invalidated here", error);
    });
    await waitAtMost<void>(settled, this.settings.deadline, (resolve) => resolve());
  }

  /** Closes the driver, where it was opened here. */
  close(): Promise<void> {
    return this.#opened.close();
  }

  async #look<Entry extends StoredEntry>(
    name: string,
    askedWith: readonly string[],
    tagsOf: (entry: Entry) => readonly string[],
  ): Promise<Found<Entry> | undefined> {
    const before = this.entries.peek(name) as Entry | undefined;
    const tags = before === undefined ? askedWith : [...askedWith, ...tagsOf(before)];
    // In one turn, so that the driver makes one request of it.
    const [entry] = await Promise.all([this.entries.get(name), this.#readTags(tags.filter(isTag))]);
    const judge = async (one: StoredEntry | undefined): Promise<Found<Entry> | undefined> => {
      if (one === undefined) return undefined;
      const all = [...askedWith, ...tagsOf(one as Entry)].filter(isTag);
      if (one !== before) await this.#readTags(all);
      const verdict = this.#judge(one, all);
      return verdict === "expired" ? undefined : { entry: one as Entry, isStale: verdict === "stale" };
    };
    const found = await judge(entry);
    // A copy that is no longer good may have a successor, which another process made.
    const isDone = entry === undefined || entry !== before || (found !== undefined && !found.isStale && !isDue(entry));
    if (isDone) return found;
    const again = await this.entries.getAgain(name);
    return again === entry ? found : judge(again);
  }

  /** Learns of tags, in the turn of the call. @returns whether all are known; where KV fails, what is known has to do. */
  async #readTags(tags: readonly string[]): Promise<boolean> {
    if (tags.length === 0) return true;
    return this.#hot.read(tags).then(
      () => true,
      () => false,
    );
  }

  /** Judges by what this process knows of tags. One that the maker did not know is judged by the moment. */
  #judge({ madeAt, seen }: StoredEntry, tags: readonly string[]): TagVerdict {
    const asked: SeenTags = Object.fromEntries(tags.map((tag) => [tag, madeAt - 1]));
    return this.#tags.judge({ ...asked, ...seen });
  }
}

/** Next passes on what the app says, and no duration may lose an invalidation. */
function staleForOf(durations: Durations | undefined): Seconds {
  if (durations === undefined) return 0;
  const expire = Math.ceil(durations.expire ?? Number.POSITIVE_INFINITY);
  // Not for what is no number.
  if (!(expire > 0)) return 0;
  return Number.isSafeInteger(expire) ? expire : Number.POSITIVE_INFINITY;
}

/** What KV can keep a record of: Next lets an app use any text as a tag. */
function isTag(tag: string): boolean {
  return tag !== "" && tag.isWellFormed();
}
