import { getEntries, type KVCallOptions, type KVNamespace, type Seconds } from "@kvplug/core/seam";
import type { TagRecord } from "./tag-record.ts";

/** Invalidations of tags, as they are sent to other processes. */
export interface TagInvalidations {
  /** The `prefix` of their `KVTags`. */
  readonly prefix: string;
  /** The records by tag. */
  readonly records: Readonly<Record<string, TagRecord>>;
}

/** Where records are kept. */
export interface TagStore {
  /** Returns a fresh copy of what a key holds; `null` if it is missing, `undefined` if there is no fresh copy. */
  known(key: string): string | null | undefined;
  /** Reads keys, in their order. */
  read(keys: readonly string[], call: KVCallOptions): Promise<(string | null)[]>;
  write(key: string, text: string, expirationTtl: Seconds): Promise<void>;
  /** Sends to other processes. */
  publish(invalidations: TagInvalidations): void;
  /** Listens to other processes. */
  subscribe(listener: (invalidations: TagInvalidations) => void): void;
}

/** Names the property of a cache that holds its {@link TagStore}: its copies and its bus. */
export const TAG_STORE: unique symbol = Symbol.for("kvplug.tagStore");

/** Returns the store of a cache. Any other namespace has no copies and no bus. */
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
