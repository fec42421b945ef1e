import type { MiddlewareHandler } from "hono";
import type { Metrics } from "./metrics.ts";
import type { ProxyStats } from "./stats.ts";

/** Answers `/stats`, for `kvplug top`, and `/metrics`, for Prometheus, to whom the steps before it let in. */
export function publish(stats: () => ProxyStats, metrics: Metrics): MiddlewareHandler {
  return async (c, next) => {
    if (c.req.method !== "GET") return next();
    if (c.req.path === "/stats") return c.json(stats());
    if (c.req.path === "/metrics") return c.body(await metrics.text(), 200, { "content-type": metrics.contentType });
    return next();
  };
}
