import { routeOf } from "@kvplug/server/http";
import type { MiddlewareHandler } from "hono";
import type { ProxyLog } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** Measures each request, and reports it: what failed as a warning, all else for who debugs. */
export function observe(metrics: Metrics, log: ProxyLog): MiddlewareHandler {
  return async (c, next) => {
    const began = performance.now();
    await next();
    const milliseconds = performance.now() - began;
    const { status } = c.res;
    const route = routeOf(c);
    metrics.observe(route, status, milliseconds / 1000);
    const about = { route, status, milliseconds: Math.round(milliseconds * 10) / 10 };
    if (status < 500 && status !== 429) log.debug(about, "answered");
    else log.warn({ ...about, reason: c.error?.name }, "failed");
  };
}
