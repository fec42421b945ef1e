import { setTimeout as sleep } from "node:timers/promises";
import type { Milliseconds } from "@kvplug/core/seam";
import type { MiddlewareHandler } from "hono";
import type { Random } from "./random.ts";

/** Lets each request wait. */
export function delay([min, max]: readonly [Milliseconds, Milliseconds], random: Random): MiddlewareHandler {
  return async (_, next) => {
    await sleep(min + random() * (max - min));
    await next();
  };
}
