import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { NAMESPACES_PATH } from "./routes/path.ts";

/** How many requests arrived, whatever their result. */
export interface RequestCounts {
  readonly total: number;
  /**
   * By route, for example `{"GET /:namespace/values/:key": 2, "POST /:namespace/bulk/get": 1}`. Paths begin after
   * `/namespaces`; requests without a route count as `"other"`.
   */
  readonly byRoute: Readonly<Record<string, number>>;
  /** Resets all counts to zero. */
  reset(): void;
}

/** Counts requests as they arrive. */
export function countRequests(): { counts: RequestCounts; middleware: MiddlewareHandler } {
  let total = 0;
  let byRoute: Record<string, number> = {};
  return {
    counts: {
      get total() {
        return total;
      },
      get byRoute() {
        return { ...byRoute };
      },
      reset() {
        total = 0;
        byRoute = {};
      },
    },
    middleware: (c, next) => {
      const name = routeOf(c);
      total++;
      byRoute[name] = (byRoute[name] ?? 0) + 1;
      return next();
    },
  };
}

/** The route of a request, as {@link RequestCounts.byRoute} names it: it tells no key and no id. */
export function routeOf(c: Context): string {
  const route = matchedRoutes(c).findLast(({ method }) => method !== "ALL");
  if (route === undefined) return "other";
  let name = names.get(route);
  if (name === undefined) names.set(route, (name = `${route.method} ${shorten(route.path)}`));
  return name;
}

/** There are few routes, and each is the same object for all requests. */
const names = new WeakMap<object, string>();

/** Without what all routes share, and with a name for the key. */
function shorten(path: string): string {
  return path.replace(NAMESPACES_PATH, "").replace(/\/\*$/, "/:key") || "/";
}
