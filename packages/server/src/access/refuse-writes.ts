import type { MiddlewareHandler } from "hono";
import { ApiError, CODE } from "../routes/errors.ts";
import type { Grant } from "./grant.ts";

/** Whether a request writes nothing, by its method and path. All is a write but what is known to be none. */
export function isRead(method: string, path: string): boolean {
  return method === "GET" || method === "HEAD" || (method === "POST" && path.endsWith("/bulk/get"));
}

/** Lets a token that may read do nothing else: a step for `use` of `createRoutes`, behind one that sets `grant`. */
export const refuseWrites: MiddlewareHandler<{ Bindings: any; Variables: { grant: Grant } }> = (c, next) => {
  const { method, path } = c.req;
  if (isRead(method, path) || c.get("grant").access === "read-write") return next();
  throw new ApiError(403, CODE.outOfScope, "This token is read-only, and this is a write.");
};
