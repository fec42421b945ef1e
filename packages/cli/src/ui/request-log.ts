import { PAGE_HEADER, type LoggedRequest } from "@kvplug/explorer";
import type { MiddlewareHandler } from "hono";

/** What the paths of all namespaces begin with. */
const NAMESPACES = /^\/client\/v4\/accounts\/[^/]+\/storage\/kv\/namespaces/;

/** Tells of each request how it was answered. */
export function logRequests(tell: (request: LoggedRequest) => void): MiddlewareHandler {
  return async (c, next) => {
    const [at, startedAt] = [Date.now(), performance.now()];
    await next();
    tell({
      at,
      method: c.req.method,
      path: c.req.path.replace(NAMESPACES, "") || "/",
      // What broke the connection itself has left nothing to answer.
      status: c.res.headers.has("x-hono-already-sent") ? 0 : c.res.status,
      milliseconds: Math.round(performance.now() - startedAt),
      isPage: c.req.header(PAGE_HEADER) !== undefined,
    });
  };
}
