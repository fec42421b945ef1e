import { LRUCache } from "lru-cache";
import type { Milliseconds } from "@kvplug/core/seam";
import { mergeRecords, newestIn, NEVER, parseRecord, type TagRecord } from "./tag-record.ts";

/** When the making of an entry began: on the wall, and among all that this process learns of tags. */
export interface TagBeginning {
  readonly at: Milliseconds;
  readonly order: number;
}

/** What this process knows of a tag. `first` and `changed` count what it learns. */
interface Known {
  readonly record: TagRecord;
  /** The text of KV that it last took in. */
  readonly text: string | null | undefined;
  /** When it first knew anything. */
  readonly first: number;
  /** When that last changed. */
  readonly changed: number;
}

/** The most tags that are remembered: some two megabytes. Of those that are forgotten, KV is asked. */
const MAX_TAGS = 10_000;

/** The clocks of two machines differ by less. */
const CLOCK_SKEW: Milliseconds = 1000;

/**
 * What a process knows of tags. It never knows less than it did: KV may answer with a record that is older than one
 * it answered with before, or than one that this process wrote.
 */
export class TagMemory {
  readonly #known: LRUCache<string, Known> = new LRUCache({ max: MAX_TAGS });
  #order = 0;

  /** What is known of a tag; `undefined` where that is nothing, not even that it was never invalidated. */
  record(tag: string): TagRecord | undefined {
    return this.#known.get(tag)?.record;
  }

  begin(): TagBeginning {
    return { at: Date.now(), order: this.#order };
  }

  /** The moment of an invalidation that happens now: later than all that are known of the tag, whatever the clock says. */
  momentFor(tag: string): Milliseconds {
    return Math.max(Date.now(), newestIn(this.#known.peek(tag)?.record ?? NEVER) + 1);
  }

  /** Takes in what KV holds. */
  learn(tag: string, text: string | null): void {
    const known = this.#known.get(tag);
    if (known !== undefined && known.text === text) return;
    const record = mergeRecords(known?.record ?? NEVER, parseRecord(text), Date.now());
    const isNew = known?.record !== record;
    const order = isNew ? ++this.#order : this.#order;
    this.#known.set(tag, {
      record,
      text,
      first: known?.first ?? order,
      changed: isNew ? order : known.changed,
    });
  }

  /** Takes in an invalidation that happens now, here or in another process. @returns what is known with it. */
  tell(tag: string, news: TagRecord): TagRecord {
    const known = this.#known.get(tag);
    const record = mergeRecords(known?.record ?? NEVER, news, Date.now());
    if (record === known?.record) return record;
    const first = known?.first ?? ++this.#order;
    this.#known.set(tag, { record, text: known?.text, first, changed: ++this.#order });
    return record;
  }

  /**
   * The newest invalidation of a tag that was known when something was begun; `undefined` where it cannot be said to have
   * been known.
   */
  seen(tag: string, since: TagBeginning): Milliseconds | undefined {
    const known = this.#known.get(tag);
    if (known === undefined) return undefined;
    const newest = newestIn(known.record);
    if (known.first <= since.order) return known.changed <= since.order ? newest : undefined;
    // Nothing was known then, so nothing was made of what was older. The clock alone tells whether the world was.
    return known.changed === known.first && newest < since.at - CLOCK_SKEW ? newest : undefined;
  }

  /** The newest invalidation that is known of a tag; `undefined` where one came after the call, or nothing is known. */
  seenAtCall(tag: string, call: TagBeginning): Milliseconds | undefined {
    const known = this.#known.get(tag);
    if (known === undefined) return undefined;
    const newest = newestIn(known.record);
    return known.changed > call.order && newest >= call.at ? undefined : newest;
  }
}
