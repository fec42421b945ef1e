import type { MiddlewareHandler } from "hono";
import type { RequestCounts } from "./request-counts.ts";

/** Where the counts are, beside the API. */
const PATH = "/stats";

/** Answers `GET /stats` with what was asked of the server so far, to whom `guard` lets in; it counts for nothing itself. */
export function publishStats(counts: RequestCounts, guard: MiddlewareHandler): MiddlewareHandler {
  return async (c, next) => {
    if (c.req.path !== PATH || c.req.method !== "GET") return next();
    await guard(c, async () => {
      c.res = c.json({ requests: { total: counts.total, ...counts.byRoute } });
    });
    return undefined;
  };
}
