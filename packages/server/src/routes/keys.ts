import { MAX_LIST_LIMIT, MIN_REST_LIST_LIMIT } from "@kvplug/core/seam";
import { ID, storeOf } from "./context.ts";
import type { RouteApp, RouteContext } from "./context.ts";
import { ok } from "./envelope.ts";
import { CODE } from "./errors.ts";
import { wholeNumber } from "./query.ts";

/** Listing keys. */
export function keyRoutes(app: RouteApp, route: RouteContext): void {
  app.get(`${ID}/keys`, async (c) => {
    const kv = storeOf(route, c, "list keys");
    const limit = wholeNumber(c, "limit", MAX_LIST_LIMIT, MIN_REST_LIST_LIMIT, MAX_LIST_LIMIT, CODE.value);
    const page = await kv.list({ prefix: c.req.query("prefix") ?? "", cursor: c.req.query("cursor") ?? "", limit });
    return ok(c, page.keys, { count: page.keys.length, cursor: page.list_complete ? "" : page.cursor });
  });
}
