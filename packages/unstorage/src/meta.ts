import type { KVEntry } from "@kvplug/core/seam";
import type { KVItemMeta } from "./items.ts";
import { ownMetadata, stampOf } from "./stamp.ts";

/** What is known of an item that is there. */
export function metaOf(entry: KVEntry<unknown>): KVItemMeta {
  const stamp = stampOf(entry.metadata);
  const metadata = ownMetadata(entry.metadata);
  // A Worker's binding tells no expiration; the stamp does.
  const until = stamp?.until ?? (entry.expiration === undefined ? undefined : entry.expiration * 1000);
  return {
    ...(stamp !== undefined && { mtime: new Date(stamp.mtime) }),
    ...(until !== undefined && {
      ttl: Math.max(0, Math.ceil((until - Date.now()) / 1000)),
      expiration: Math.ceil(until / 1000),
    }),
    ...(metadata !== undefined && { metadata }),
  };
}
