import { PROCESS_PATH } from "@kvplug/explorer";
import type { MiddlewareHandler } from "hono";

/** Runs a step for what is below a path, and passes all else on. */
export function below(path: string, step: MiddlewareHandler): MiddlewareHandler {
  return (c, next) => (c.req.path.startsWith(path) ? step(c, next) : next());
}

/** Whether a path is the page's, and none of the API. */
export function isOfPage(path: string): boolean {
  return path === "/" || path === "/icon.svg" || path.startsWith("/assets/") || path.startsWith(PROCESS_PATH);
}
