import {
  checkNamespace,
  checkOptionNames,
  describe,
  KVError,
  MIN_EXPIRATION_TTL_SECONDS,
  nameOfLong,
  type KVCallOptions,
  type KVNamespace,
  type Milliseconds,
  type Seconds,
} from "@kvplug/core/seam";
import { TagMemory, type TagBeginning } from "./tag-memory.ts";
import { newestIn, NEVER, recordOf, type TagRecord } from "./tag-record.ts";
import { tagStoreOf, type TagStore, type ToldTags } from "./tag-store.ts";
import { verdictOn, type SeenTags, type TagVerdict } from "./verdict.ts";

/** Options of {@link KVTags}. */
export interface KVTagsOptions {
  /** What stands before a tag in the key of its record. Default: `"kvplug:tag:"`. */
  prefix?: string;
  /**
   * The longest that an entry with tags may live. Records live a day longer, so that none is forgotten before the
   * entries that it is about. Lower it, and entries that are there already may come back. Default: 31,536,000, a year.
   */
  maxEntryTtl?: Seconds;
  /** Called when tags are invalidated in this process or, over the bus, in another one: not when a read finds out. */
  onInvalidated?: (records: ReadonlyMap<string, TagRecord>) => void;
}

/** Options of an invalidation. */
export interface InvalidateOptions {
  /**
   * How long what was made before may still be served while it is made anew: 0, not at all; `Infinity`, until it is made
   * anew. Default: 0.
   */
  staleFor?: Seconds;
}

const OPTIONS = ["prefix", "maxEntryTtl", "onInvalidated"] as const satisfies readonly (keyof KVTagsOptions)[];

const DEFAULT_MAX_ENTRY_TTL: Seconds = 31_536_000;

/** How much longer a record lives than the entries that it is about: for KV's delay, copies, and clocks that differ. */
const RECORD_MARGIN: Seconds = 86_400;

/**
 * Tags of entries: what says that all entries with a tag are out of date, without knowing which they are. Each tag has
 * one key in KV, whose record is the moment of its last invalidation. An entry is stored with what its maker knew of
 * its tags, and is good for a reader who knows of nothing newer.
 *
 * Give it a `withCache` namespace: records are then kept in its copies, and its bus tells other processes at once.
 *
 * @example
 * const tags = new KVTags(withCache(createKV(), { max: 10_000 }));
 *
 * await tags.read(["users"]); // in the same turn as the entry: one request
 * const since = tags.begin();
 * const page = await render();
 * const seen = tags.seen(["users"], since); // store it with the page, or do not store the page
 *
 * await tags.invalidate(["users"]);
 * console.log(tags.judge(seen)); // expired
 */
export class KVTags {
  readonly maxEntryTtl: Seconds;
  readonly #store: TagStore;
  readonly #prefix: string;
  readonly #onInvalidated: CheckedTagsOptions["onInvalidated"];
  readonly #memory: TagMemory = new TagMemory();

  /** @throws {KVError} `KV_INVALID` for an option that does not exist or cannot be, and for what is no namespace. */
  constructor(kv: KVNamespace<any>, options: KVTagsOptions = {}) {
    checkNamespace("KVTags", kv);
    const { prefix, maxEntryTtl, onInvalidated } = checkTagsOptions("KVTags", options);
    this.#prefix = prefix;
    this.maxEntryTtl = maxEntryTtl;
    this.#onInvalidated = onInvalidated;
    this.#store = tagStoreOf(kv);
    this.#store.subscribe((told) => this.#hear(told));
  }

  /** Whether a key is kept for the record of a tag. No entry of that key can have tags. */
  isRecord(key: string): boolean {
    return key.startsWith(this.#prefix);
  }

  /** Whether all of these can be judged now, without a request, by what KV said no longer than the cache's `ttl` ago. */
  isKnown(tags: readonly string[]): boolean {
    let all = true;
    for (const tag of tags) all = this.#lookUp(tag) && all;
    return all;
  }

  /**
   * Learns the last invalidations of these tags, from the cache's copies or, in one request, from KV. Call it in the turn
   * in which an entry is read, and the driver asks for both at once.
   *
   * @returns The records by tag, those that were never invalidated among them.
   * @throws {KVError} as a read of the namespace does.
   */
  async read(tags: readonly string[], call: KVCallOptions = {}): Promise<ReadonlyMap<string, TagRecord>> {
    checkTags(tags);
    const distinct = [...new Set(tags)];
    const asked = distinct.filter((tag) => !this.#lookUp(tag));
    if (asked.length > 0) {
      const names = asked.map((tag) => this.#nameOf(tag));
      const texts = await this.#store.read(names, call);
      for (const [i, tag] of asked.entries()) this.#memory.learn(tag, texts[i]!);
    }
    return new Map(distinct.map((tag) => [tag, this.#memory.record(tag) ?? NEVER]));
  }

  /** What {@link seen} needs to know: when the making of an entry began. */
  begin(): TagBeginning {
    return this.#memory.begin();
  }

  /**
   * What was known of these tags when the making of an entry began: store it with the entry. `undefined` where one of
   * them was invalidated since, or may have been: then do not store the entry, or store it as expired.
   *
   * {@link read} the tags first: before the making where they are known by then, else after it. A tag that was not read
   * at all gives `undefined`.
   */
  seen(tags: readonly string[], since: TagBeginning): SeenTags | undefined {
    return this.#seen(tags, (tag) => this.#memory.seen(tag, since));
  }

  /**
   * As {@link seen}, for a value that is believed to be of the moment at which {@link begin} was called: what was
   * invalidated before it counts as known, though a read found it later.
   */
  seenAtCall(tags: readonly string[], call: TagBeginning): SeenTags | undefined {
    return this.#seen(tags, (tag) => this.#memory.seenAtCall(tag, call));
  }

  /**
   * Judges an entry by what this process knows now; {@link read} its tags first. For a tag that is not stored with the
   * entry, and is known by the reader alone, add the moment at which the making of the entry began.
   */
  judge(seen: SeenTags): TagVerdict {
    return verdictOn(seen, (tag) => this.#memory.record(tag), Date.now());
  }

  /**
   * Invalidates all entries with one of these tags: in this process from the moment of the call, over the bus at once,
   * elsewhere when KV shows it there and the copy of the record has ended. Resolves when KV confirmed it.
   *
   * It may be called as often as you like: the driver makes about one write a second of it for each tag.
   *
   * @throws {KVError} as a write of the namespace does; in this process it holds all the same.
   */
  async invalidate(tags: readonly string[], options: InvalidateOptions = {}): Promise<void> {
    checkTags(tags);
    const staleFor = checkStaleFor(options);
    const distinct = [...new Set(tags)];
    const isKnown = this.isKnown(distinct);
    const told = this.#tell(distinct, staleFor);
    if (!isKnown) {
      // Where it cannot be read it cannot be written, as a rule, and that tells.
      await this.read(distinct).catch(() => {});
      // By a clock that is ahead of this one. An entry whose maker knew that moment must not count as made after this.
      const behind = distinct.filter((tag) => newestIn(this.#memory.record(tag) ?? NEVER) > newestIn(told.get(tag)!));
      for (const [tag, record] of this.#tell(behind, staleFor)) told.set(tag, record);
    }
    const write = (tag: string): Promise<void> => {
      // What was invalidated meanwhile goes with it.
      const record = this.#memory.record(tag) ?? told.get(tag);
      return this.#store.write(this.#nameOf(tag), JSON.stringify(record), this.maxEntryTtl + RECORD_MARGIN);
    };
    await Promise.all(distinct.map(write));
  }

  /** Invalidates in this process, and tells the others. @returns what is known with it. */
  #tell(tags: readonly string[], staleFor: Seconds): Map<string, TagRecord> {
    const records = new Map(
      tags.map((tag) => [tag, this.#memory.tell(tag, invalidationAt(this.#memory.momentFor(tag), staleFor))]),
    );
    if (records.size > 0) {
      this.#store.publish({ prefix: this.#prefix, records: Object.fromEntries(records) });
      this.#onInvalidated?.(records);
    }
    return records;
  }

  #seen(tags: readonly string[], seenOf: (tag: string) => Milliseconds | undefined): SeenTags | undefined {
    const seen: [string, Milliseconds][] = [];
    for (const tag of tags) {
      const newest = seenOf(tag);
      if (newest === undefined) return undefined;
      seen.push([tag, newest]);
    }
    return Object.fromEntries(seen);
  }

  #hear({ prefix, records }: ToldTags): void {
    if (prefix !== this.#prefix) return;
    const heard = new Map(
      Object.entries(records).map(([tag, record]) => [tag, this.#memory.tell(tag, recordOf(record))]),
    );
    this.#onInvalidated?.(heard);
  }

  /** Takes in what the store knows of a tag. */
  #lookUp(tag: string): boolean {
    const text = this.#store.known(this.#nameOf(tag));
    if (text === undefined) return false;
    this.#memory.learn(tag, text);
    return true;
  }

  #nameOf(tag: string): string {
    return nameOfLong(this.#prefix, tag);
  }
}

function invalidationAt(moment: Milliseconds, staleFor: Seconds): TagRecord {
  if (staleFor === 0) return { expired: moment };
  return Number.isFinite(staleFor) ? { stale: moment, expires: moment + staleFor * 1000 } : { stale: moment };
}

/** Options with their defaults. */
interface CheckedTagsOptions {
  readonly prefix: string;
  readonly maxEntryTtl: Seconds;
  readonly onInvalidated: KVTagsOptions["onInvalidated"] | undefined;
}

/** Checks the options of {@link KVTags}. @param name What has them. */
export function checkTagsOptions(name: string, options: KVTagsOptions): CheckedTagsOptions {
  checkOptionNames(name, options, OPTIONS);
  const { prefix = "kvplug:tag:", maxEntryTtl = DEFAULT_MAX_ENTRY_TTL, onInvalidated } = options;
  if (typeof prefix !== "string" || prefix === "" || !prefix.isWellFormed()) {
    throw new KVError(
      "KV_INVALID",
      `prefix of ${name} must be a text that is not empty, and it is ${describe(prefix)}.`,
    );
  }
  if (!Number.isSafeInteger(maxEntryTtl) || maxEntryTtl < MIN_EXPIRATION_TTL_SECONDS) {
    throw new KVError(
      "KV_INVALID",
      `maxEntryTtl of ${name} must be a whole number of seconds, ${MIN_EXPIRATION_TTL_SECONDS} or more, and it is ${describe(maxEntryTtl)}.`,
    );
  }
  return { prefix, maxEntryTtl, onInvalidated };
}

/** Throws unless these are tags. */
export function checkTags(tags: unknown): asserts tags is readonly string[] {
  if (!Array.isArray(tags)) throw new KVError("KV_INVALID", `Tags must be an array of texts, not ${describe(tags)}.`);
  for (const tag of tags) {
    if (typeof tag !== "string" || tag === "") {
      const what = tag === "" ? "an empty text" : describe(tag);
      throw new KVError("KV_INVALID", `A tag must be a text that is not empty, not ${what}.`);
    }
    if (!tag.isWellFormed()) throw new KVError("KV_INVALID", "A tag holds a lone surrogate, which UTF-8 cannot carry.");
  }
}

function checkStaleFor(options: InvalidateOptions): Seconds {
  checkOptionNames("invalidate", options, ["staleFor"]);
  const { staleFor = 0 } = options;
  if (staleFor === Number.POSITIVE_INFINITY || (Number.isSafeInteger(staleFor) && staleFor >= 0)) return staleFor;
  throw new KVError(
    "KV_INVALID",
    `staleFor must be a whole number of seconds, 0 or more, or Infinity, and it is ${describe(staleFor)}.`,
  );
}
