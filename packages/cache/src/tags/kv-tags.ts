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
import { tagStoreOf, type TagStore, type TagInvalidations } from "./tag-store.ts";
import { verdictOn, type SeenTags, type TagVerdict } from "./verdict.ts";

/** Options of {@link KVTags}. */
export interface KVTagsOptions {
  /** Begins the key of each tag's record. Default: `"kvplug:tag:"`. */
  prefix?: string;
  /**
   * The longest life of an entry with tags. Records live a day longer, so that none expires before its entries. If you
   * lower it, older entries may outlive their records. Default: 31,536,000, a year.
   */
  maxEntryTtl?: Seconds;
  /**
   * Called with the records of tags that this process or, over the bus, another one invalidates. Not called when a read
   * finds an invalidation.
   */
  onInvalidated?: (records: ReadonlyMap<string, TagRecord>) => void;
}

/** Options of {@link KVTags.invalidate}. */
export interface InvalidateOptions {
  /**
   * How long invalidated entries are stale: still used, while they are replaced. After that they are expired. `Infinity`:
   * until they are replaced. Default: 0, expired at once.
   */
  staleFor?: Seconds;
}

const OPTIONS = ["prefix", "maxEntryTtl", "onInvalidated"] as const satisfies readonly (keyof KVTagsOptions)[];

const DEFAULT_MAX_ENTRY_TTL: Seconds = 31_536_000;

/** How much longer a record lives than its entries: for KV's propagation, for copies, and for clocks that differ. */
const RECORD_MARGIN: Seconds = 86_400;

/**
 * Invalidates entries by tags, without knowing their keys. Each tag has a record in KV: the times of its last
 * invalidations. An entry stores what its maker knew of its tags; a reader that knows of a newer invalidation does not use
 * it.
 *
 * Takes any namespace. With a `withCache` namespace, records are kept among its copies, and its bus carries invalidations to
 * other processes at once.
 *
 * @example
 * const tags = new KVTags(withCache(createKV(), { max: 10_000 }));
 *
 * await tags.read(["users"]); // in the tick in which the entry is read: both share a request
 * const since = tags.begin();
 * const page = await render();
 * const seen = tags.seen(["users"], since); // store it with the page; undefined: do not store the page
 *
 * await tags.invalidate(["users"]);
 * console.log(tags.judge(seen)); // expired
 */
export class KVTags {
  /** The longest life of an entry with tags. */
  readonly maxEntryTtl: Seconds;
  readonly #store: TagStore;
  readonly #prefix: string;
  readonly #onInvalidated: CheckedTagsOptions["onInvalidated"];
  readonly #memory: TagMemory = new TagMemory();

  /** @throws {KVError} `KV_INVALID` for an unknown or invalid option, and if `kv` is not a namespace. */
  constructor(kv: KVNamespace<any>, options: KVTagsOptions = {}) {
    checkNamespace("KVTags", kv);
    const { prefix, maxEntryTtl, onInvalidated } = checkTagsOptions("KVTags", options);
    this.#prefix = prefix;
    this.maxEntryTtl = maxEntryTtl;
    this.#onInvalidated = onInvalidated;
    this.#store = tagStoreOf(kv);
    this.#store.subscribe((invalidations) => this.#receive(invalidations));
  }

  /** Returns whether a key is reserved for records. Its entry cannot have tags. */
  isRecord(key: string): boolean {
    return key.startsWith(this.#prefix);
  }

  /** Returns whether fresh copies of all these records are in the cache, so that {@link read} needs no request. */
  isKnown(tags: readonly string[]): boolean {
    let all = true;
    for (const tag of tags) all = this.#lookUp(tag) && all;
    return all;
  }

  /**
   * Reads the records of these tags, from the cache's copies or from KV. Call it in the tick in which you read the entry:
   * both then share a request.
   *
   * @returns The records by tag; empty for a tag that was never invalidated.
   * @throws {KVError} The error of the read.
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

  /** Marks the moment before an entry is computed, for {@link seen}. Nothing needs to be ended. */
  begin(): TagBeginning {
    return this.#memory.begin();
  }

  /**
   * Returns what this process knew of these tags when computing an entry began, to be stored with the entry. Returns
   * `undefined` if one of them was invalidated since, or may have been: do not store the entry then.
   *
   * {@link read} the tags first: before the entry is computed if you know them by then, otherwise afterwards. A tag that was
   * never read gives `undefined`.
   */
  seen(tags: readonly string[], since: TagBeginning): SeenTags | undefined {
    return this.#seen(tags, (tag) => this.#memory.seen(tag, since));
  }

  /**
   * As {@link seen}, for an entry that counts as computed when {@link begin} was called: earlier invalidations count as
   * known, even if a read finds them later.
   */
  seenAtCall(tags: readonly string[], call: TagBeginning): SeenTags | undefined {
    return this.#seen(tags, (tag) => this.#memory.seenAtCall(tag, call));
  }

  /**
   * Judges an entry by what this process knows now; {@link read} its tags first. For a tag that only the reader knows, and
   * that is not stored with the entry, add the time at which computing the entry began.
   */
  judge(seen: SeenTags): TagVerdict {
    return verdictOn(seen, (tag) => this.#memory.recordToJudgeBy(tag), Date.now());
  }

  /**
   * Invalidates all entries with one of these tags: in this process from the call on, with a bus at once in others;
   * elsewhere once KV shows it there, and the copy of the record has expired. Resolves when KV has confirmed it.
   *
   * Call it as often as you like: the driver writes each record about once a second.
   *
   * @throws {KVError} The error of the write. In this process the invalidation holds even then.
   */
  async invalidate(tags: readonly string[], options: InvalidateOptions = {}): Promise<void> {
    checkTags(tags);
    const staleFor = checkStaleFor(options);
    const distinct = [...new Set(tags)];
    const isKnown = this.isKnown(distinct);
    const invalidated = this.#invalidateNow(distinct, staleFor);
    if (!isKnown) {
      // If it cannot be read, it can hardly be written either; the write's error reaches the caller.
      await this.read(distinct).catch(() => {});
      // Another clock is ahead. An entry whose maker knew that clock's invalidation must not count as one that knew this.
      const behind = distinct.filter(
        (tag) => newestIn(this.#memory.record(tag) ?? NEVER) > newestIn(invalidated.get(tag)!),
      );
      for (const [tag, record] of this.#invalidateNow(behind, staleFor)) invalidated.set(tag, record);
    }
    const write = (tag: string): Promise<void> => {
      // Later invalidations go with it.
      const record = this.#memory.record(tag) ?? invalidated.get(tag);
      return this.#store.write(this.#nameOf(tag), JSON.stringify(record), this.maxEntryTtl + RECORD_MARGIN);
    };
    await Promise.all(distinct.map(write));
  }

  /** Invalidates in this process at once, and publishes that to the others. Returns the records. */
  #invalidateNow(tags: readonly string[], staleFor: Seconds): Map<string, TagRecord> {
    const records = new Map(
      tags.map((tag) => [tag, this.#memory.invalidate(tag, invalidationAt(this.#memory.momentFor(tag), staleFor))]),
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

  #receive({ prefix, records }: TagInvalidations): void {
    if (prefix !== this.#prefix) return;
    const received = new Map(
      Object.entries(records).map(([tag, record]) => [tag, this.#memory.invalidate(tag, recordOf(record))]),
    );
    this.#onInvalidated?.(received);
  }

  /** Learns what the store knows of a tag. Returns whether it knows anything. */
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

/** Checks the options of {@link KVTags}. @param name Whose options they are, for the error. */
export function checkTagsOptions(name: string, options: KVTagsOptions): CheckedTagsOptions {
  checkOptionNames(name, options, OPTIONS);
  const { prefix = "kvplug:tag:", maxEntryTtl = DEFAULT_MAX_ENTRY_TTL, onInvalidated } = options;
  if (typeof prefix !== "string" || prefix === "" || !prefix.isWellFormed()) {
    throw new KVError(
      "KV_INVALID",
      `prefix of ${name} must be a non-empty string, not ${prefix === "" ? "an empty one" : describe(prefix)}.`,
    );
  }
  if (!Number.isSafeInteger(maxEntryTtl) || maxEntryTtl < MIN_EXPIRATION_TTL_SECONDS) {
    throw new KVError(
      "KV_INVALID",
      `maxEntryTtl of ${name} must be a whole number of seconds, ${MIN_EXPIRATION_TTL_SECONDS} or more, not ${describe(maxEntryTtl)}.`,
    );
  }
  return { prefix, maxEntryTtl, onInvalidated };
}

/** Throws unless these are tags. */
export function checkTags(tags: unknown): asserts tags is readonly string[] {
  if (!Array.isArray(tags)) throw new KVError("KV_INVALID", `Tags must be an array of strings, not ${describe(tags)}.`);
  for (const tag of tags) {
    if (typeof tag !== "string" || tag === "") {
      const what = tag === "" ? "an empty one" : describe(tag);
      throw new KVError("KV_INVALID", `A tag must be a non-empty string, not ${what}.`);
    }
    if (!tag.isWellFormed())
      throw new KVError("KV_INVALID", "A tag contains a lone surrogate, which UTF-8 cannot encode.");
  }
}

function checkStaleFor(options: InvalidateOptions): Seconds {
  checkOptionNames("invalidate", options, ["staleFor"]);
  const { staleFor = 0 } = options;
  if (staleFor === Number.POSITIVE_INFINITY || (Number.isSafeInteger(staleFor) && staleFor >= 0)) return staleFor;
  throw new KVError(
    "KV_INVALID",
    `staleFor must be a whole number of seconds, 0 or more, or Infinity, not ${describe(staleFor)}.`,
  );
}
