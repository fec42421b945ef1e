import type { KV, KVPair } from "@kvplug/core";
import { MAX_BULK_GET_KEYS, type UnixSeconds } from "@kvplug/core/seam";
import { withTarget } from "../connect/connections.ts";
import type { Context } from "../context.ts";
import { longWork } from "../progress/long-work.ts";

/** What expires when. */
export interface ExpirationChange {
  readonly namespace: string;
  readonly keys: readonly string[];
  /** `null` for never. */
  readonly expiration: UnixSeconds | null;
}

/** What takes the place of bytes that are not text, and so betrays them. */
const REPLACEMENT = "\ufffd";

/**
 * Writes keys anew with another expiration: KV has no other way to change it. Values and metadata stay; what was deleted
 * meanwhile is left out. A write of somebody else between the read and the write is lost, which KV cannot prevent.
 */
export function changeExpiration(context: Context, change: ExpirationChange): Promise<void> {
  const { namespace, keys, expiration } = change;
  return withTarget(context, { namespace }, async (target) => {
    const options = { verb: "expire", flags: {}, targets: [target], hint: undefined };
    await longWork(context, options, async ({ stop, cut, progress }) => {
      let [done, bytes] = [0, 0];
      for (let start = 0; start < keys.length; start += MAX_BULK_GET_KEYS) {
        stop.throwIfAborted();
        const names = keys.slice(start, start + MAX_BULK_GET_KEYS);
        const pairs = await read(target.kv, names, stop);
        await target.kv.putMany(
          pairs.map((pair) => (expiration === null ? pair : { ...pair, expiration })),
          { signal: cut },
        );
        done += names.length;
        for (const { value } of pairs) bytes += typeof value === "string" ? Buffer.byteLength(value) : value.byteLength;
        progress.update({ keys: done, bytes, share: done / keys.length });
      }
    });
  });
}

/** The pairs that are there, with their metadata: one request, where all of them are text. */
async function read(kv: KV, names: string[], signal: AbortSignal): Promise<KVPair[]> {
  const found = await kv.getWithMetadata(names, { type: "text", signal });
  const pairs: KVPair[] = [];
  for (const [key, { value: text, metadata }] of found) {
    if (text === null) continue;
    const value = text.includes(REPLACEMENT) ? await kv.get(key, { type: "arrayBuffer", signal }) : text;
    if (value !== null) pairs.push({ key, value, ...(metadata !== null && { metadata }) });
  }
  return pairs;
}
