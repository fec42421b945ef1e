import { withCache } from "@kvplug/cache";
import type { AdapterOptionNames } from "@kvplug/core";
import { CACHE_DEADLINE, checkCacheDeadline, checkOptionNames, waitAtMost, type Milliseconds } from "@kvplug/core/seam";
import { KeyvKV, type KeyvKVOptions } from "@kvplug/keyv";

/** The LRU layer in front of KV. */
export interface LruOptions {
  /** The most entries that it holds. */
  max: number;
  /** How long a copy is fresh. Default: 60,000 ms. */
  ttl?: Milliseconds;
}

/** Options of every store: those of `KeyvKV`, and the LRU layer. */
export interface StoreOptions extends KeyvKVOptions {
  /** Keeps copies in this process. Default: none. */
  lru?: LruOptions;
}

/**
 * An adapter as cache-manager needs it. Deletes do not check whether the key exists, since the result is unused. Writes
 * wait no longer than reads: they go on in the background, and a later failure is an `error` event.
 */
class Store extends KeyvKV {
  readonly #deadline: Milliseconds;

  constructor(options: KeyvKVOptions, adapter: AdapterOptionNames) {
    super(options, {}, adapter);
    this.#deadline = options.deadline ?? CACHE_DEADLINE;
  }

  override async delete(key: string): Promise<boolean> {
    await this.discard([key]);
    return true;
  }

  override async deleteMany(keys: readonly string[]): Promise<boolean> {
    await this.discard(keys);
    return true;
  }

  override discard(keys: readonly string[]): Promise<void> {
    return this.#inTime(super.discard(keys));
  }

  protected override write(key: string, value: unknown, until: Milliseconds | undefined): Promise<void> {
    return this.#inTime(super.write(key, value, until));
  }

  async #inTime(writing: Promise<void>): Promise<void> {
    let isLate = false;
    const late = (resolve: (nothing: void) => void): void => {
      isLate = true;
      resolve();
    };
    await waitAtMost(writing, this.#deadline, late);
    if (!isLate) return;
    writing.catch((error: unknown) => {
      if (this.listenerCount("error") > 0) this.emit("error", error);
    });
  }
}

/**
 * @param name The store's name in errors.
 * @param others Options that belong to the caller of that name, not to the store.
 * @throws {KVError} `KV_INVALID` for an unknown or invalid option.
 */
export function openStore(name: string, { lru, ...options }: StoreOptions, others: readonly string[]): KeyvKV {
  const adapter = { name, options: ["lru", ...others] };
  if (lru === undefined) return new Store(options, adapter);
  checkOptionNames("lru", lru, ["max", "ttl"]);
  const { layer = (kv) => kv, deadline = CACHE_DEADLINE } = options;
  checkCacheDeadline(deadline);
  return new Store({ ...options, layer: (kv) => withCache(layer(kv), { ...lru, deadline }) }, adapter);
}
