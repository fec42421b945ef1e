import type { KVListKey, KVListResult, KVNamespace } from "@kvplug/core/seam";

/** Writes keys that have their own names for values. */
export async function putAll(kv: KVNamespace, keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((key) => kv.put(key, key)));
}

/** All names, page by page. */
export async function listAll(
  kv: KVNamespace,
  options: { prefix?: string; limit?: number } = {},
): Promise<KVListKey[]> {
  const keys: KVListKey[] = [];
  for (let cursor: string | null = null; ;) {
    const page: KVListResult = await kv.list({ ...options, cursor });
    keys.push(...page.keys);
    if (page.list_complete) return keys;
    cursor = page.cursor;
  }
}

/** Deletes whatever there is. */
export async function clear(kv: KVNamespace): Promise<void> {
  const keys = await listAll(kv);
  await Promise.all(keys.map(({ name }) => kv.delete(name)));
}
