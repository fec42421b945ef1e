import { LRUCache } from "lru-cache";
import type { Milliseconds } from "@kvplug/core/seam";
import { mergeRecords, newestIn, NEVER, parseRecord, type TagRecord } from "./tag-record.ts";

/** The moment before an entry is computed. */
export interface TagBeginning {
  /** By the wall clock, since 1970. */
  readonly at: Milliseconds;
  /** How many changes of records this process knew by then. */
  readonly order: number;
}

/** What this process knows of a tag, and since which change. */
interface Known {
  readonly record: TagRecord;
  /** What KV last answered. */
  readonly text: string | null | undefined;
  /** The change with which it first knew anything. */
  readonly first: number;
  /** The last change of the record. */
  readonly changed: number;
}

/**
 * The most tags to remember of each kind, those that were invalidated and the others, in about two megabytes. The records
 * of more are read from KV.
 */
const MAX_TAGS = 10_000;

/** As sizes of one: of a `max` the library makes room for all at once, in a millisecond and 0.4 MB, and there are few tags. */
const BOUND = { maxSize: MAX_TAGS, sizeCalculation: () => 1 } as const;

/** How much the clocks of two machines may differ. */
const CLOCK_SKEW: Milliseconds = 1000;

/**
 * What this process knows of tags. It never knows less than before, though KV may answer with older records than it did,
 * or than this process wrote.
 */
export class TagMemory {
  readonly #never: LRUCache<string, Known> = new LRUCache(BOUND);
  /** Apart, so that reads of many other tags do not push an invalidation out before KV shows it. */
  readonly #invalidated: LRUCache<string, Known> = new LRUCache(BOUND);
  #order = 0;

  /** Returns what is known of a tag; `undefined` if it was never read, invalidated or judged here. */
  record(tag: string): TagRecord | undefined {
    return this.#get(tag)?.record;
  }

  /**
   * Returns what an entry is judged by. An unknown tag counts as never invalidated, from then on: what is computed from the
   * entry has no better knowledge, even if the tag can be read before it is stored.
   */
  recordToJudgeBy(tag: string): TagRecord {
    const known = this.#get(tag);
    if (known !== undefined) return known.record;
    const order = ++this.#order;
    this.#set(tag, { record: NEVER, text: undefined, first: order, changed: order });
    return NEVER;
  }

  begin(): TagBeginning {
    return { at: Date.now(), order: this.#order };
  }

  /** Returns the time of an invalidation that happens now: later than all known ones of the tag, even if the clock was set back. */
  momentFor(tag: string): Milliseconds {
    return Math.max(Date.now(), newestIn(this.#invalidated.peek(tag)?.record ?? NEVER) + 1);
  }

  /** Learns what KV holds. */
  learn(tag: string, text: string | null): void {
    const known = this.#get(tag);
    if (known !== undefined && known.text === text) return;
    const record = mergeRecords(known?.record ?? NEVER, parseRecord(text), Date.now());
    const isNew = known?.record !== record;
    const order = isNew ? ++this.#order : this.#order;
    this.#set(tag, {
      record,
      text,
      first: known?.first ?? order,
      changed: isNew ? order : known.changed,
    });
  }

  /** Adds an invalidation that happens now, here or in another process. Returns the record with it. */
  invalidate(tag: string, news: TagRecord): TagRecord {
    const known = this.#get(tag);
    const record = mergeRecords(known?.record ?? NEVER, news, Date.now());
    if (record === known?.record) return record;
    const first = known?.first ?? ++this.#order;
    this.#set(tag, { record, text: known?.text, first, changed: ++this.#order });
    return record;
  }

  /** Returns the newest invalidation that was known at a beginning; `undefined` if a newer one may have come since. */
  seen(tag: string, since: TagBeginning): Milliseconds | undefined {
    const known = this.#get(tag);
    if (known === undefined) return undefined;
    const newest = newestIn(known.record);
    if (known.first <= since.order) return known.changed <= since.order ? newest : undefined;
    // Nothing was known then, so no older entry was used. Only the clock says whether the data were older.
    return known.changed === known.first && newest < since.at - CLOCK_SKEW ? newest : undefined;
  }

  /** Returns the newest known invalidation; `undefined` if it came after the call, or nothing is known. */
  seenAtCall(tag: string, call: TagBeginning): Milliseconds | undefined {
    const known = this.#get(tag);
    if (known === undefined) return undefined;
    const newest = newestIn(known.record);
    return known.changed > call.order && newest >= call.at ? undefined : newest;
  }

  #get(tag: string): Known | undefined {
    return this.#invalidated.get(tag) ?? this.#never.get(tag);
  }

  #set(tag: string, known: Known): void {
    if (known.record === NEVER) {
      this.#never.set(tag, known);
      return;
    }
    this.#never.delete(tag);
    this.#invalidated.set(tag, known);
  }
}
