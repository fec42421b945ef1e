import type { KVNamespace } from "@kvplug/core/seam";
import { openNamespace, takeNamespace } from "./workerd.ts";

/** Cloudflare's own KV: a namespace of workerd's, as a Worker's binding. */
export async function openMiniflare(): Promise<{ kv: KVNamespace; close(): Promise<void> }> {
  return { kv: await openNamespace(takeNamespace()), close: async () => {} };
}

/**
 * Keys that a bulk read in a Worker loses: the answer becomes a plain object, which cannot hold
 * `__proto__`, and then a map without those of its properties that are array indices.
 */
export function lostInBulkReads(key: string): boolean {
  return key === "__proto__" || (/^(0|[1-9]\d*)$/.test(key) && Number(key) < 2 ** 32 - 1);
}
