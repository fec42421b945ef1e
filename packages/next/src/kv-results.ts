import type { Milliseconds } from "@kvplug/core/seam";
import { LRUCache } from "lru-cache";
import type { StoredResult } from "./entry.ts";
import type { Durations, ResultEntry, ResultHandler } from "./next-contract.ts";
import type { Found, NextKV } from "./next-kv.ts";
import { packBytes, unpackBytes } from "./packed.ts";
import { report } from "./report.ts";

/** What functions with `use cache` return, in KV. It never rejects. */
export class KVResults implements ResultHandler {
  readonly #kv: NextKV;
  /** The entries that are being made, by name; a `get` waits for them. */
  readonly #pending: Map<string, Promise<void>> = new Map();
  /** The tags of the page that asked for a name last. Next's keys hold arguments, and may be of any length. */
  readonly #askedWith: LRUCache<string, readonly string[]> = new LRUCache({ max: 10_000 });

  constructor(kv: NextKV) {
    this.#kv = kv;
  }

  async get(key: string, softTags: readonly string[]): Promise<ResultEntry | undefined> {
    const name = this.#nameOf(key);
    await this.#pending.get(name);
    const found = await this.#kv.find(name, { askedWith: softTags, tagsOf, valueOf });
    this.#askedWith.set(name, softTags);
    // If Next makes it anew, that begins later.
    this.#kv.beginMaking(softTags);
    return found;
  }

  async set(key: string, made: Promise<ResultEntry>): Promise<void> {
    const name = this.#nameOf(key);
    const storing = this.#store(name, made).catch((error: unknown) => {
      report(`What Next made for ${name} cannot be stored`, error);
    });
    this.#pending.set(name, storing);
    await storing;
    if (this.#pending.get(name) === storing) this.#pending.delete(name);
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

  async #store(name: string, made: Promise<ResultEntry>): Promise<void> {
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
    const making = this.#kv.making(timestamp, this.#askedWith.get(name));
    await this.#kv.store<StoredResult>(name, stored, tags, making, expire);
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
