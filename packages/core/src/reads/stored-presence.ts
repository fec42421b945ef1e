import { Presence } from "../seam/presence.ts";
import type { Found } from "../seam/decode.ts";
import type { ReadRequests, Wanted } from "./read-requests.ts";
import type { Reads } from "./reads.ts";
import type { KVStats } from "../contract/stats.ts";

/** Whether keys are there by what the API has, whatever is being written. */
export function storedPresence(single: ReadRequests, reads: Reads, stats: KVStats): Presence {
  const wantedOf = (key: string): Wanted => ({ key, metadata: true, bytes: false });
  const entryOf = (found: Found | null | undefined): Pick<Found, "metadata"> & { value: unknown } =>
    found ?? { value: null, metadata: null };
  return new Presence(
    {
      findMetadata(key, options = {}) {
        stats.readKeys++;
        return single.metadataAlone(key, options);
      },
      async getWithMetadata(keys: string | string[], options: any = {}): Promise<any> {
        if (typeof keys === "string") return reads.one(wantedOf(keys), options, (_, found) => entryOf(found));
        const found = await reads.many(keys.map(wantedOf), options);
        return new Map(keys.map((key) => [key, entryOf(found.get(key))]));
      },
    },
    () => true,
  );
}
