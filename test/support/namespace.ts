import type { KVListKey, KVListResult, KVNamespace } from "@kvplug/core/seam";

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

/** Writes keys that have their own names for values. */
export async function putAll(kv: KVNamespace, keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((key) => kv.put(key, key)));
}

/** A namespace that may take many keys at once, as that of a local server does. */
type Clearable = KVNamespace & { deleteMany?(keys: readonly string[]): Promise<unknown> };

/** Deletes whatever there is. */
export async function clear(kv: Clearable): Promise<void> {
  const names = (await listAll(kv)).map(({ name }) => name);
  if (kv.deleteMany) await kv.deleteMany(names);
  else await Promise.all(names.map((name) => kv.delete(name)));
}
