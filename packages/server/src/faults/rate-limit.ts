import type { Milliseconds } from "@kvplug/core/seam";
import type { MiddlewareHandler } from "hono";
import { setHeader } from "../routes/answer-header.ts";
import { ApiError, CODE } from "../routes/errors.ts";
import type { RateLimit } from "./options.ts";

/** Limits the requests in a window; the `Ratelimit` headers show what is left. */
export function limitRequests({ requests, window }: RateLimit, now: () => Milliseconds): MiddlewareHandler {
  let end: Milliseconds = -Infinity;
  let used = 0;
  return async (c, next) => {
    if (now() >= end) {
      end = now() + window;
      used = 0;
    }
    const allowed = used < requests;
    if (allowed) used++;
    const secondsLeft = Math.ceil((end - now()) / 1000);
    setHeader(c, "Ratelimit", `"default";r=${requests - used};t=${secondsLeft}`);
    setHeader(c, "Ratelimit-Policy", `"default";q=${requests};w=${Math.ceil(window / 1000)}`);
    if (!allowed) {
      setHeader(c, "Retry-After", String(secondsLeft));
      throw new ApiError(429, CODE.rateLimit, "Please wait and consider throttling your request speed");
    }
    await next();
  };
}
