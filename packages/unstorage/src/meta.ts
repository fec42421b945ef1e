import type { KVPresent } from "@kvplug/core/seam";
import type { KVItemMeta } from "./items.ts";
import { ownMetadata, stampOf } from "./stamp.ts";

/** What is known of an item that is there. */
export function metaOf({ metadata: stored, expiration }: KVPresent): KVItemMeta {
  const stamp = stampOf(stored);
  const metadata = ownMetadata(stored);
  // Neither a Worker's binding nor a key's metadata tells the expiration; the stamp does.
  const until = stamp?.until ?? (expiration === undefined ? undefined : expiration * 1000);
  return {
    ...(stamp !== undefined && { mtime: new Date(stamp.mtime) }),
    ...(until !== undefined && {
      ttl: Math.max(0, Math.ceil((until - Date.now()) / 1000)),
      expiration: Math.ceil(until / 1000),
    }),
    ...(metadata !== undefined && { metadata }),
  };
}
