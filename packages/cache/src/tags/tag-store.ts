import { getEntries, type KVCallOptions, type KVNamespace, type Seconds } from "@kvplug/core/seam";
import type { TagRecord } from "./tag-record.ts";

/** Invalidations that happen now, by tag. */
export interface ToldTags {
  /** What stands before their names in KV: which tags these are. */
  readonly prefix: string;
  readonly records: Readonly<Record<string, TagRecord>>;
}

/** Where records of tags are kept. */
export interface TagStore {
  /** What a key holds, where that needs no asking; `null` where there is no such key. */
  known(key: string): string | null | undefined;
  /** What keys hold, in their order. */
  read(keys: readonly string[], call: KVCallOptions): Promise<(string | null)[]>;
  write(key: string, text: string, expirationTtl: Seconds): Promise<void>;
  /** Tells other processes. */
  publish(told: ToldTags): void;
  /** Listens to them, as long as the store is there. */
  subscribe(listener: (told: ToldTags) => void): void;
}

/** The name of what a cache has for those who keep tags in it: its copies, and its bus. */
export const TAG_STORE: unique symbol = Symbol.for("kvplug.tagStore");

/** That of a cache, or a namespace as it is: one that knows nothing without asking, and tells nobody. */
export function tagStoreOf(kv: KVNamespace<any>): TagStore {
  return (kv as { [TAG_STORE]?: TagStore })[TAG_STORE] ?? storeOver(kv);
}

function storeOver(kv: KVNamespace<any>): TagStore {
  return {
    known: () => undefined,
    read: async (keys, call) => (await getEntries(kv, keys, call)).map((entry) => entry?.value ?? null),
    write: (key, text, expirationTtl) => kv.put(key, text, { expirationTtl }),
    publish: () => {},
    subscribe: () => {},
  };
}
