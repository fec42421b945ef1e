/**
 * Fills caches with three times as many values of 1 KiB as they hold, all of them read through, and
 * prints by how many bytes the memory of this process grew at most for each kind of value, beside the
 * figures of the cache itself: `cache-memory-child.ts BASE_URL MAX_BYTES`, with `--expose-gc`.
 *
 * @module
 */
import { withCache, type CachedKV } from "@kvplug/cache";
import { createKV } from "@kvplug/core";
import type { KVNamespace } from "@kvplug/core/seam";

declare const gc: () => void;

const [baseURL, bound] = process.argv.slice(2) as [string, string];
const maxBytes = Number(bound);
const COUNT = (3 * maxBytes) / 1024;
/** As many as are read at once. */
const PART = 1000;

/** What lives: objects, texts and buffers. */
function used(): number {
  gc();
  gc(); // buffers whose owners went with the first
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function growth(read: (kv: KVNamespace, keys: string[]) => Promise<unknown>): Promise<object> {
  const driver = createKV({ baseURL, accountId: "a", apiToken: "any", namespaceId: "n" });
  const kv: CachedKV = withCache(driver, { maxBytes, ttl: 3_600_000, deadline: Infinity });
  await read(kv, keysFrom(0));
  kv.clearLocal();
  const before = used();
  let most = 0;
  for (let first = 0; first < COUNT; first += PART) {
    await read(kv, keysFrom(first));
    if ((first / PART) % 32 === 31) most = Math.max(most, used() - before);
  }
  most = Math.max(most, used() - before);
  const { bytes, entries, evictions } = kv.stats();
  await kv.close();
  return { most, bytes, entries, evictions };
}

function keysFrom(first: number): string[] {
  return Array.from({ length: PART }, (_, i) => `key/${first + i}`);
}

process.stdout.write(
  JSON.stringify({
    text: await growth((kv, keys) => kv.get(keys)),
    bytes: await growth((kv, keys) => Promise.all(keys.map((key) => kv.get(key, "arrayBuffer")))),
  }),
);
