import { withCache } from "@kvplug/cache";
import { checkOptionNames, type Milliseconds } from "@kvplug/core/seam";
import { KeyvKV, type KeyvKVOptions } from "@kvplug/keyv";

/** The LRU layer in front of KV. */
export interface LruOptions {
  /** How many entries it holds. */
  max: number;
  /** How long a copy is good. Default: 60,000 ms. */
  ttl?: Milliseconds;
}

/** What all stores take: the options of `KeyvKV`, and the LRU layer. */
export interface StoreOptions extends KeyvKVOptions {
  /** Keeps copies in this process. Default: none. */
  lru?: LruOptions;
}

/** An adapter whose deletes do not look whether the key is there: nobody here asks. */
class Store extends KeyvKV {
  override async delete(key: string): Promise<boolean> {
    await this.discard([key]);
    return true;
  }

  override async deleteMany(keys: readonly string[]): Promise<boolean> {
    await this.discard(keys);
    return true;
  }
}

/** @throws {KVError} `KV_INVALID` for an option that does not exist or cannot be. */
export function openStore({ lru, ...options }: StoreOptions): KeyvKV {
  if (lru === undefined) return new Store(options);
  checkOptionNames("lru", lru, ["max", "ttl"]);
  const { layer = (kv) => kv } = options;
  return new Store({ ...options, layer: (kv) => withCache(layer(kv), lru) });
}
