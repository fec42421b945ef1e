import { ID, storeOf } from "./context.ts";
import type { RouteApp, RouteContext } from "./context.ts";
import { ok } from "./envelope.ts";
import { keyNotFound } from "./errors.ts";
import { keyInPath } from "./path.ts";

/** Reading a key's metadata. */
export function metadataRoutes(app: RouteApp, route: RouteContext): void {
  app.get(`${ID}/metadata/:key{.*}`, async (c) => {
    const kv = storeOf(route, c, "get metadata");
    const { value, metadata } = await kv.getWithMetadata(keyInPath(c), "stream");
    if (value === null) throw keyNotFound("get metadata");
    await value.cancel();
    return ok(c, metadata);
  });
}
