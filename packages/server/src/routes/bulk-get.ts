import { MAX_BULK_GET_KEYS, checkKey, getEntries } from "@kvplug/core/seam";
import type { KVEntry } from "@kvplug/core/seam";
import type { Context } from "hono";
import type { StoreNamespace } from "../backend.ts";
import { checkBulkGetSize } from "./bulk-get-size.ts";
import { refuseKey } from "./checks.ts";
import { ID, storeOf } from "./context.ts";
import type { RouteApp, RouteContext } from "./context.ts";
import { ok } from "./envelope.ts";
import { ApiError, CODE } from "./errors.ts";
import { given } from "./given.ts";
import { readJson } from "./json.ts";
import { readMany } from "./read-many.ts";

/** A hundred keys take a third of it, in whatever escapes. */
const MAX_BULK_GET_BODY_BYTES = 1_000_000;

interface BulkGet {
  keys: string[];
  type: "text" | "json";
  withMetadata: boolean;
}

/** Reading many keys. */
export function bulkGetRoutes(app: RouteApp, route: RouteContext): void {
  app.post(`${ID}/bulk/get`, async (c) => {
    const kv = storeOf(route, c, "bulk get keys");
    const { keys, type, withMetadata } = await readBulkGet(c);
    await checkBulkGetSize(kv, keys);
    const entries = await entriesOf(kv, keys);
    // Without a prototype, `__proto__` is a key like any other.
    const values: Record<string, unknown> = Object.create(null);
    for (const [i, key] of keys.entries()) {
      const entry = entries[i] ?? null;
      // Text that does not decode holds this character; so may text that does.
      if (entry?.value?.includes("\uFFFD")) await checkIsText(kv, key);
      values[key] = entry === null ? null : toJson(entry, type, withMetadata);
    }
    return ok(c, { values });
  });
}

/**
 * Resolves with what is stored for each key, or `null`. For bulk gets, a Worker's binding strips the byte order mark; a
 * single get does not.
 */
async function entriesOf(kv: StoreNamespace, keys: string[]): Promise<(KVEntry<string> | null)[]> {
  const [only] = keys;
  if (only !== undefined && keys.length === 1) return [await kv.getWithMetadata(only, "text")];
  // What tells its size was checked.
  if (kv.valueBytes !== undefined) return getEntries(kv, keys);
  const found = await readMany(kv, keys);
  return keys.map((key) => found.get(key) ?? null);
}

function toJson(
  { value: text, metadata, expiration }: KVEntry<string>,
  type: BulkGet["type"],
  withMetadata: boolean,
): unknown {
  if (text === null) return null;
  const value = type === "json" ? parse(text) : text;
  if (!withMetadata) return value;
  return expiration === undefined ? { value, metadata } : { value, metadata, expiration };
}

async function checkIsText(kv: StoreNamespace, key: string): Promise<void> {
  const bytes = await kv.get(key, "arrayBuffer");
  try {
    if (bytes !== null) new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw notOfType("text");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notOfType("json");
  }
}

function notOfType(type: string): ApiError {
  return new ApiError(
    400,
    CODE.notText,
    `bulk get keys: 'At least one of the requested keys corresponds to a non-${type} value'`,
  );
}

async function readBulkGet(c: Context): Promise<BulkGet> {
  const body = await readJson(c, CODE.value, { bytes: MAX_BULK_GET_BODY_BYTES });
  const { keys, type, withMetadata } = (typeof body === "object" && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  if (!Array.isArray(keys))
    throw new ApiError(400, CODE.value, "The body of a bulk get must contain an array of keys.");
  if (keys.length > MAX_BULK_GET_KEYS) {
    throw new ApiError(
      400,
      CODE.tooManyKeys,
      `A bulk get may ask for up to ${MAX_BULK_GET_KEYS} keys; this one asks for ${keys.length}.`,
    );
  }
  for (const key of keys) refuseKey(() => checkKey(key));
  if (type !== undefined && type !== null && type !== "text" && type !== "json") {
    throw new ApiError(400, CODE.value, `type must be text or json, not ${given(type)}.`);
  }
  if (withMetadata !== undefined && withMetadata !== null && typeof withMetadata !== "boolean") {
    throw new ApiError(400, CODE.value, `withMetadata must be true or false, not ${given(withMetadata)}.`);
  }
  return { keys: [...new Set(keys as string[])], type: type ?? "text", withMetadata: withMetadata ?? false };
}
