import { MAX_LIST_LIMIT, checkGetOptions, decode } from "@kvplug/core/seam";
import type {
  GivenGetOptions,
  KVCallOptions,
  KVEntry,
  KVListKey,
  KVListOptions,
  KVListResult,
  KVPutOptions,
  KVValue,
  KVValueType,
  Milliseconds,
} from "@kvplug/core/seam";
import type { KVPair } from "../backend.ts";
import { ForwardingNamespace } from "./forwarding.ts";
import type { BulkNamespace } from "./forwarding.ts";
import type { Random } from "./random.ts";
import { StaleEntries } from "./stale-entries.ts";

/**
 * Reads as from another place of the world: for a while after a write, each read answers either
 * what is there or what was there before, be that another value, or none.
 */
export class EventualNamespace extends ForwardingNamespace {
  readonly #stale: StaleEntries;

  constructor(inner: BulkNamespace, propagation: Milliseconds, random: Random, now: () => Milliseconds) {
    super(inner);
    this.#stale = new StaleEntries(propagation, random, now);
  }

  override async put(key: string, value: KVValue, options?: KVPutOptions): Promise<void> {
    const before = await this.#entry(key);
    await this.inner.put(key, value, options);
    this.#stale.add(key, before);
  }

  override async delete(key: string, options?: KVCallOptions): Promise<void> {
    const before = await this.#entry(key);
    await this.inner.delete(key, options);
    this.#stale.add(key, before);
  }

  override async putMany(pairs: readonly KVPair[]): Promise<string[]> {
    return this.#many(
      pairs.map(({ key }) => key),
      () => this.inner.putMany(pairs),
    );
  }

  override async deleteMany(keys: readonly string[]): Promise<string[]> {
    return this.#many(keys, () => this.inner.deleteMany(keys));
  }

  override async get(keys: string | string[], options?: GivenGetOptions): Promise<any> {
    const found = await this.getWithMetadata(keys, options);
    if (!(found instanceof Map)) return found.value;
    return new Map([...found].map(([key, entry]) => [key, entry.value]));
  }

  override async getWithMetadata(keys: string | string[], options?: GivenGetOptions): Promise<any> {
    const found = await this.inner.getWithMetadata(keys as any, options as any);
    const { type } = checkGetOptions(options);
    if (!Array.isArray(keys)) return this.#choose(keys, found, type);
    return new Map(
      [...(found as unknown as Map<string, KVEntry<unknown>>)].map(([key, entry]) => [
        key,
        this.#choose(key, entry, type),
      ]),
    );
  }

  override async list<Metadata = unknown>(options: KVListOptions = {}): Promise<KVListResult<Metadata>> {
    const page = await this.inner.list<Metadata>(options);
    const keys: KVListKey<Metadata>[] = [];
    for (const key of page.keys) {
      const old = this.#stale.pick(key.name);
      if (old === undefined) keys.push(key);
      else if (old.value !== null) keys.push(toListKey<Metadata>(key.name, old));
    }
    if (page.list_complete && !options.cursor) {
      const there = new Set(page.keys.map(({ name }) => name));
      keys.push(...this.#deleted<Metadata>(options.prefix ?? "", there));
    }
    keys.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
    return { ...page, keys: keys.slice(0, options.limit ?? MAX_LIST_LIMIT) };
  }

  /** Keys that are gone and may still be listed. Only in a listing of one page: elsewhere their place is not known. */
  #deleted<Metadata>(prefix: string, there: Set<string>): KVListKey<Metadata>[] {
    const names = this.#stale.keys().filter((name) => name.startsWith(prefix) && !there.has(name));
    return names.flatMap((name) => {
      const old = this.#stale.pick(name);
      return old === undefined || old.value === null ? [] : [toListKey<Metadata>(name, old)];
    });
  }

  async #many(keys: readonly string[], write: () => Promise<string[]>): Promise<string[]> {
    const before = await Promise.all(keys.map(async (key) => [key, await this.#entry(key)] as const));
    const failed = new Set(await write());
    for (const [key, entry] of before) if (!failed.has(key)) this.#stale.add(key, entry);
    return [...failed];
  }

  #entry(key: string): Promise<KVEntry<ArrayBuffer>> {
    return this.inner.getWithMetadata(key, "arrayBuffer");
  }

  #choose(key: string, entry: KVEntry<unknown>, type: KVValueType): KVEntry<unknown> {
    const old = this.#stale.pick(key);
    if (old === undefined) return entry;
    return { ...old, value: old.value === null ? null : decode(key, old.value, type) };
  }
}

function toListKey<Metadata>(name: string, { metadata, expiration }: KVEntry<ArrayBuffer>): KVListKey<Metadata> {
  const key: KVListKey<Metadata> = { name };
  if (expiration !== undefined) key.expiration = expiration;
  if (metadata !== null) key.metadata = metadata as Metadata;
  return key;
}
