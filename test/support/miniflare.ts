import type { KVNamespace } from "@kvplug/core/seam";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";

/** Cloudflare's own KV: workerd's binding on Miniflare's storage, in memory. */
export async function openMiniflare(): Promise<{ kv: KVNamespace; close(): Promise<void> }> {
  // The version that wrangler brings along, so that workerd is installed once; it converts the documented options.
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({ modules: true, script: "export default {};", kvNamespaces: ["KV"] }),
  );
  const kv = await miniflare.getKVNamespace("KV");
  return { kv: kv as unknown as KVNamespace, close: () => miniflare.dispose() };
}

/**
 * Keys that a bulk read in a Worker loses: the answer becomes a plain object, which cannot hold
 * `__proto__`, and then a map without those of its properties that are array indices.
 */
export function lostInBulkReads(key: string): boolean {
  return key === "__proto__" || (/^(0|[1-9]\d*)$/.test(key) && Number(key) < 2 ** 32 - 1);
}
