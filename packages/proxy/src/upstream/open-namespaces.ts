import { withCache } from "@kvplug/cache";
import type { CacheBound, CacheOptions, CachedKV, CacheStats } from "@kvplug/cache";
import type { KV, KVClient, KVStats } from "@kvplug/core";
import { isKVError } from "@kvplug/core/seam";
import type { BytesReader, FlowJoiner } from "@kvplug/core/seam";
import { CachedUpstream } from "./cached-upstream.ts";

/** A namespace of upstream's that calls of any number of callers share. */
export interface OpenNamespace {
  readonly kv: KV & BytesReader & FlowJoiner;
  readonly cached: (CachedKV<CachedUpstream> & BytesReader) | undefined;
}

interface Entry extends OpenNamespace {
  users: number;
  /** Whether there is such a namespace; `undefined` while upstream has not said. */
  exists: boolean | undefined;
}

/** What the namespaces have done so far, all together. */
export interface UpstreamStats {
  /** Empty before the first call. */
  readonly upstream: Partial<KVStats>;
  readonly cache: CacheStats | undefined;
}

/**
 * The namespaces that were asked for. One of which upstream has not said that it exists is forgotten once nobody uses it:
 * anybody may make up ids, and leave before upstream can say anything.
 */
export class OpenNamespaces {
  readonly #client: KVClient;
  readonly #cache: (CacheOptions & CacheBound) | undefined;
  readonly #open: Map<string, Entry> = new Map();
  readonly #closing: Map<string, Promise<void>> = new Map();
  /** What those that were forgotten have done. */
  readonly #past: { -readonly [Kind in keyof UpstreamStats]?: UpstreamStats[Kind] } = {};

  constructor(client: KVClient, cache: (CacheOptions & CacheBound) | undefined) {
    this.#client = client;
    this.#cache = cache;
  }

  /**
   * Does some work on a namespace.
   *
   * @param waitFor Waits while the namespace is being closed, for as long as the caller likes. @throws if that is longer.
   */
  async use<Result>(
    id: string,
    work: (opened: OpenNamespace) => Promise<Result>,
    waitFor: (closing: Promise<void>) => Promise<void>,
  ): Promise<Result> {
    // The client has one object for an id, and this one takes no more calls.
    for (let closing; (closing = this.#closing.get(id)) !== undefined;) await waitFor(closing);
    const entry = this.#entry(id);
    entry.users++;
    try {
      const result = await work(entry);
      entry.exists = true;
      return result;
    } catch (error) {
      if (isKVError(error) && error.code === "KV_NOT_FOUND") entry.exists = false;
      throw error;
    } finally {
      if (--entry.users === 0 && mayBeForgotten(entry)) this.#forget(id, entry);
    }
  }

  stats(): UpstreamStats {
    let { upstream, cache } = this.#past;
    for (const { kv, cached } of this.#open.values()) {
      upstream = sum(upstream, kv.stats());
      if (cached) cache = sum(cache, cached.stats());
    }
    return { upstream: upstream ?? {}, cache };
  }

  /** Drops the copies of a namespace that is gone. */
  clear(id: string): void {
    this.#open.get(id)?.cached?.clearLocal();
  }

  /** Settles what was written. */
  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((entry) => closeOf(entry)));
    await Promise.all(this.#closing.values());
  }

  #entry(id: string): Entry {
    let entry = this.#open.get(id);
    if (entry === undefined) {
      const kv = this.#client.kv(id) as OpenNamespace["kv"];
      const cached = this.#cache && (withCache(new CachedUpstream(kv), this.#cache) as NonNullable<Entry["cached"]>);
      entry = { kv, cached, users: 0, exists: undefined };
      this.#open.set(id, entry);
    }
    return entry;
  }

  #forget(id: string, entry: Entry): void {
    const { kv, cached } = entry;
    this.#past.upstream = sum(this.#past.upstream, kv.stats());
    if (cached) this.#past.cache = sum(this.#past.cache, { ...cached.stats(), entries: 0, bytes: 0 });
    this.#open.delete(id);
    const closed = closeOf(entry).finally(() => this.#closing.delete(id));
    this.#closing.set(id, closed);
  }
}

/** A write that was given up may still be on its way, and the next one of its key must know of it. */
function mayBeForgotten({ exists, kv }: Entry): boolean {
  if (exists !== undefined) return !exists;
  const { requests, writtenKeys } = kv.stats();
  return requests === 0 || writtenKeys === 0;
}

function closeOf({ kv, cached }: OpenNamespace): Promise<void> {
  return cached === undefined ? kv.close() : cached.close();
}

function sum<Stats extends object>(one: Stats | undefined, other: Stats): Stats {
  if (one === undefined) return { ...other };
  const added = Object.entries(other).map(([name, figure]) => [name, figure + one[name as keyof Stats]]);
  return Object.fromEntries(added) as Stats;
}
