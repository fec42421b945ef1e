/**
 * The steps of the tour: what a program does with a namespace. Each throws where the namespace does
 * not hold what it should, and resolves with a few words on what it did.
 *
 * @module
 */
import type { KV, KVListResult } from "@kvplug/core";
import { eventually } from "./eventually.ts";
import { count } from "./report.ts";

/** What the tour writes. */
export interface Pair {
  key: string;
  value: Buffer;
  /** Stored beside the value, and listed with the key. */
  metadata: { version: string };
}

/** Counts the keys that are there before anything is written. */
export async function lookBack(kv: KV, prefix: string): Promise<string> {
  let found = 0;
  for await (const _key of kv.keys({ prefix })) found++;
  return found === 0 ? "no keys yet: this is the first time" : `${count(found, "key")} from last time`;
}

/** Writes all pairs, up to 10,000 in a request. */
export async function writeAll(kv: KV, pairs: Pair[]): Promise<string> {
  await kv.putMany(pairs);
  return `${count(pairs.length, "key")}, with their versions as metadata`;
}

/** Lists the keys, and finds all pairs among them. */
export async function listAll(kv: KV, prefix: string, pairs: Pair[]): Promise<string> {
  const { pages, versions } = await eventually(
    () => listPages(kv, prefix),
    (listed) => pairs.every(({ key, metadata }) => listed.versions.get(key) === metadata.version),
  );
  return `${count(versions.size, "key")} by prefix, in ${count(pages, "page")} by cursor`;
}

/** Lists page by page, as a Worker does; where the pages do not matter, `kv.keys({ prefix })` is one loop. */
async function listPages(kv: KV, prefix: string): Promise<{ pages: number; versions: Map<string, string> }> {
  const versions = new Map<string, string>();
  let cursor: string | null = null;
  for (let pages = 1; ; pages++) {
    const page: KVListResult<Pair["metadata"]> = await kv.list({ prefix, limit: 100, cursor });
    for (const { name, metadata } of page.keys) versions.set(name, metadata?.version ?? "none");
    if (page.list_complete) return { pages, versions };
    cursor = page.cursor;
  }
}

/** Reads all values, 100 in a request. */
export async function readAll(kv: KV, pairs: Pair[]): Promise<string> {
  const keys = pairs.map(({ key }) => key);
  await eventually(
    () => kv.get(keys),
    (values) => pairs.every(({ key, value }) => Buffer.from(values.get(key) ?? "").equals(value)),
  );
  return `${count(keys.length, "value")}, byte for byte as on disk`;
}

/** Writes one key again, to live for an hour. */
export async function expire(kv: KV, { key, value, metadata }: Pair): Promise<string> {
  await kv.put(key, value, { expirationTtl: 3600, metadata });
  const { expiration } = await eventually(
    () => kv.getWithMetadata(key),
    (entry) => entry.expiration !== undefined,
  );
  const time = new Date(expiration! * 1000).toTimeString().slice(0, 8);
  return `${key} until ${time}`;
}

/** Deletes one key. */
export async function remove(kv: KV, { key }: Pair): Promise<string> {
  await kv.delete(key);
  await eventually(
    () => kv.get(key),
    (value) => value === null,
  );
  return `${key} reads as null`;
}

/** Deletes all keys of the tour. */
export async function clear(kv: KV, prefix: string): Promise<string> {
  return `${count(await kv.clear({ prefix }), "key")} deleted`;
}
