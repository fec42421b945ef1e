import { READ_BYTES, readsBytes } from "@kvplug/core/seam";
import { ID, storeOf } from "./context.ts";
import type { RouteApp, RouteContext } from "./context.ts";
import { ok } from "./envelope.ts";
import { keyNotFound } from "./errors.ts";
import { KEY, keyInPath } from "./path.ts";

/** Reading a key's metadata. */
export function metadataRoutes(app: RouteApp, route: RouteContext): void {
  app.get(`${ID}/metadata${KEY}`, async (c) => {
    const kv = storeOf(route, c, "get metadata");
    const key = keyInPath(c);
    // A stream that is not read is for stores that are made for it: one of Miniflare's namespaces throws where nobody can catch it.
    const { value, metadata } = kv.streams
      ? await kv.getWithMetadata(key, "stream")
      : await (readsBytes(kv) ? kv[READ_BYTES](key, { metadata: true }) : kv.getWithMetadata(key, "text"));
    if (value === null) throw keyNotFound("get metadata");
    if (typeof value === "object" && "cancel" in value) await value.cancel();
    return ok(c, metadata);
  });
}
