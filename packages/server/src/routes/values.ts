import { MAX_VALUE_BYTES, READ_BYTES, checkValueBytes, readsBytes } from "@kvplug/core/seam";
import type { KVEntry, KVReadable } from "@kvplug/core/seam";
import type { Context } from "hono";
import type { StoreNamespace } from "../backend.ts";
import { readBody } from "./body.ts";
import { refuseValue, toPutOptions } from "./checks.ts";
import { ID, storeOf } from "./context.ts";
import type { RouteApp, RouteContext } from "./context.ts";
import { ok, whole } from "./envelope.ts";
import { keyNotFound } from "./errors.ts";
import { MAX_MULTIPART_OVERHEAD_BYTES, isMultipart, parseForm } from "./multipart.ts";
import { KEY, keyInPath } from "./path.ts";
import { seconds } from "./query.ts";

/** Reading, writing and deleting a value. */
export function valueRoutes(app: RouteApp, route: RouteContext): void {
  const path = `${ID}/values${KEY}`;

  app.get(path, async (c) => {
    const kv = storeOf(route, c, "get");
    const key = keyInPath(c);
    const { value, expiration } = await valueOf(kv, key);
    if (value === null) throw keyNotFound("get");
    const headers: Record<string, string> = { "content-type": "application/octet-stream" };
    if (expiration !== undefined) headers.expiration = String(expiration);
    const isWhole = typeof value === "string" || value instanceof ArrayBuffer;
    return isWhole ? whole(c, value, headers) : c.body(value as ReadableStream, 200, headers);
  });

  app.put(path, async (c) => {
    const kv = storeOf(route, c, "put");
    const key = keyInPath(c);
    const life = { expiration: seconds(c, "expiration"), expiration_ttl: seconds(c, "expiration_ttl") };
    toPutOptions(key, life, route.now());
    const { value, metadata } = await readValue(c, key);
    await kv.put(key, value, toPutOptions(key, { ...life, metadata }, route.now()));
    return ok(c, {});
  });

  app.delete(path, async (c) => {
    const kv = storeOf(route, c, "delete");
    await kv.delete(keyInPath(c));
    return ok(c, {});
  });
}

/** A value and when its key expires, without metadata where that costs less. */
function valueOf(
  kv: StoreNamespace,
  key: string,
): Promise<Pick<KVEntry<string | ArrayBuffer | KVReadable>, "value" | "expiration">> {
  if (kv.streams) return kv.getWithMetadata(key, "stream");
  return readsBytes(kv) ? kv[READ_BYTES](key, { metadata: false }) : kv.getWithMetadata(key, "arrayBuffer");
}

/** Reads a value to its end: one that breaks off on the way must not be stored as if it were whole. */
async function readValue(c: Context, key: string): Promise<{ value: Uint8Array; metadata?: unknown }> {
  const contentType = c.req.header("content-type") ?? "";
  const multipart = isMultipart(contentType);
  const limit = multipart ? MAX_VALUE_BYTES + MAX_MULTIPART_OVERHEAD_BYTES : MAX_VALUE_BYTES;
  const body = await readBody(c, limit, (bytes) => refuseValue(() => checkValueBytes(key, bytes)));
  if (!multipart) return { value: body };
  const form = parseForm(body, contentType);
  refuseValue(() => checkValueBytes(key, form.value.byteLength));
  return form;
}
