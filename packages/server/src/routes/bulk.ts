import { MAX_BULK_KEYS, checkKey } from "@kvplug/core/seam";
import type { Context } from "hono";
import type { KVPair, StoreNamespace } from "../backend.ts";
import { toPair } from "./bulk-pair.ts";
import { refuseKey } from "./checks.ts";
import { ID, storeOf } from "./context.ts";
import type { RouteApp, RouteContext } from "./context.ts";
import { ok } from "./envelope.ts";
import { ApiError, CODE } from "./errors.ts";
import { readJson } from "./json.ts";

/** Writing and deleting many keys. */
export function bulkRoutes(app: RouteApp, route: RouteContext): void {
  app.put(`${ID}/bulk`, async (c) => {
    const kv = storeOf(route, c, "bulk put");
    const entries = await readArray(route, c, "pairs");
    // Of pairs with the same key, the last one wins.
    const pairs = new Map<string, KVPair>();
    for (const [index, entry] of entries.entries()) {
      const pair = toPair(entry, index, route.now());
      pairs.set(pair.key, pair);
    }
    return answer(c, pairs.size, await putMany(kv, [...pairs.values()]));
  });

  app.post(`${ID}/bulk/delete`, (c) => deleteBulk(route, c));
  // Deprecated, and still sent by wrangler.
  app.delete(`${ID}/bulk`, (c) => deleteBulk(route, c));
}

async function deleteBulk(route: RouteContext, c: Context): Promise<Response> {
  const kv = storeOf(route, c, "bulk delete");
  const keys = new Set<string>();
  for (const key of await readArray(route, c, "keys")) {
    refuseKey(() => checkKey(key));
    keys.add(key as string);
  }
  return answer(c, keys.size, await deleteMany(kv, [...keys]));
}

async function readArray(route: RouteContext, c: Context, what: string): Promise<unknown[]> {
  const bounds = { bytes: route.maxBulkBytes, elements: { max: MAX_BULK_KEYS, what } };
  const body = await readJson(c, CODE.value, bounds);
  if (!Array.isArray(body)) throw new ApiError(400, CODE.value, `The body of the request must be an array of ${what}.`);
  return body;
}

function answer(c: Context, count: number, failed: string[]): Response {
  return ok(c, { successful_key_count: count - failed.length, unsuccessful_keys: failed });
}

function putMany(kv: StoreNamespace, pairs: KVPair[]): Promise<string[]> {
  if (kv.putMany !== undefined) return kv.putMany(pairs);
  return failing(pairs, ({ key, value, ...options }) => kv.put(key, value, options));
}

function deleteMany(kv: StoreNamespace, keys: string[]): Promise<string[]> {
  if (kv.deleteMany !== undefined) return kv.deleteMany(keys);
  return failing(
    keys.map((key) => ({ key })),
    ({ key }) => kv.delete(key),
  );
}

/** Runs this for each item, and resolves with the keys for which it failed. */
async function failing<Item extends { key: string }>(
  items: Item[],
  run: (item: Item) => Promise<void>,
): Promise<string[]> {
  const results = await Promise.allSettled(items.map(run));
  return items.filter((_, index) => results[index]?.status === "rejected").map(({ key }) => key);
}
