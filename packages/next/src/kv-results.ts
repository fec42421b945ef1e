import type { Milliseconds } from "@kvplug/core/seam";
import { LRUCache } from "lru-cache";
import type { StoredResult } from "./entry.ts";
import type { Durations, ResultEntry, ResultHandler } from "./next-contract.ts";
import type { Found, NextKV } from "./next-kv.ts";
import { packBytes, unpackBytes } from "./packed.ts";

/** What functions with `use cache` return, in KV. It never rejects. */
export class KVResults implements ResultHandler {
  readonly #kv: NextKV;
  /** The entries that are being made, by key; a `get` waits for them. */
  readonly #pending: Map<string, Promise<void>> = new Map();
  /** The tags of the page that asked for a key last. */
  readonly #askedWith: LRUCache<string, readonly string[]> = new LRUCache({ max: 10_000 });

  constructor(kv: NextKV) {
    this.#kv = kv;
  }

  async get(key: string, softTags: readonly string[]): Promise<ResultEntry | undefined> {
    await this.#pending.get(key);
    const found = await this.#kv.find(this.#nameOf(key), { askedWith: softTags, tagsOf, valueOf });
    this.#askedWith.set(key, softTags);
    // If Next makes it anew, that begins later.
    this.#kv.beginMaking(softTags);
    return found;
  }

  async set(key: string, made: Promise<ResultEntry>): Promise<void> {
    const storing = this.#store(key, made);
    this.#pending.set(key, storing);
    await storing;
    if (this.#pending.get(key) === storing) this.#pending.delete(key);
  }

  /** Tags are read with the entries. */
  async refreshTags(): Promise<void> {}

  /** Infinity: `get` is to be called with them. */
  async getExpiration(): Promise<Milliseconds> {
    return Number.POSITIVE_INFINITY;
  }

  async updateTags(tags: readonly string[], durations?: Durations): Promise<void> {
    await this.#kv.invalidate(tags, durations);
  }

  expireTags(...tags: string[]): Promise<void> {
    return this.updateTags(tags);
  }

  /** Next's keys hold the id of the build. */
  #nameOf(key: string): string {
    return this.#kv.nameOf("use", key);
  }

  async #store(key: string, made: Promise<ResultEntry>): Promise<void> {
    let entry: ResultEntry;
    let bytes: Uint8Array;
    try {
      entry = await made;
      bytes = new Uint8Array(await new Response(entry.value).arrayBuffer());
    } catch {
      // The function failed, or did while its result streamed: Next tells of that.
      return;
    }
    const { timestamp, tags, stale, expire, revalidate } = entry;
    if (expire === 0) return;
    const stored = { doneAt: timestamp, revalidate, value: packBytes(bytes), tags, stale, expire };
    const making = this.#kv.making(timestamp, this.#askedWith.get(key));
    await this.#kv.store<StoredResult>(this.#nameOf(key), stored, tags, making, expire);
  }
}

function tagsOf({ tags }: StoredResult): readonly string[] {
  return tags;
}

function valueOf({ entry, isStale }: Found<StoredResult>): ResultEntry | undefined {
  const { doneAt, tags, stale, expire, revalidate, value } = entry;
  // KV keeps it for a minute at least.
  if (Date.now() > doneAt + expire * 1000) return undefined;
  const bytes = new Uint8Array(unpackBytes(value));
  return {
    value: new ReadableStream({
      start(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    }),
    tags: [...tags],
    stale,
    timestamp: doneAt,
    expire,
    // Past its time, whenever that is: it is served, and made anew meanwhile.
    revalidate: isStale || revalidate === false ? -1 : revalidate,
  };
}
