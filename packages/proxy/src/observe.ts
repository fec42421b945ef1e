import { isKVError } from "@kvplug/core/seam";
import { routeOf } from "@kvplug/server/http";
import type { MiddlewareHandler } from "hono";
import type { ProxyLog } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { CallerGone } from "./running-calls.ts";

/** What nginx calls a caller who did not wait for the answer. */
const CALLER_GONE = 499;

/** Measures each request and logs it: what failed as a warning, everything else for those who debug. */
export function observe(metrics: Metrics, log: ProxyLog): MiddlewareHandler {
  return async (c, next) => {
    const began = performance.now();
    await next();
    const milliseconds = performance.now() - began;
    const status = c.error instanceof CallerGone ? CALLER_GONE : c.res.status;
    const route = routeOf(c);
    metrics.observe(route, status, milliseconds / 1000);
    const about = { route, status, milliseconds: Math.round(milliseconds * 10) / 10 };
    if (status < 500 && status !== 429) log.debug(about, "answered");
    else log.warn({ ...about, ...whyOf(c.error) }, "failed");
  };
}

/** Why a request failed, by codes alone: messages quote keys. */
function whyOf(error: Error | undefined): object {
  const failure = error?.cause;
  if (!isKVError(failure)) return { reason: error?.name };
  let beneath: unknown = failure;
  while (beneath instanceof Error && beneath.cause !== undefined) beneath = beneath.cause;
  const { code } = Object(beneath) as { code?: unknown };
  return {
    reason: failure.code,
    ...(failure.httpStatus !== undefined && { upstreamStatus: failure.httpStatus }),
    ...(code !== failure.code && typeof code === "string" && { cause: code }),
  };
}
