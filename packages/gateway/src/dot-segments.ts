import { ApiError, CODE } from "@kvplug/server/routes";
import type { Step } from "./guard.ts";

/** What is left of `…/namespaces/ID/values/..` when a URL is resolved, by the client or on the way. */
const RESOLVED = /\/namespaces\/([^/]+\/)?$/;

/** Rejects a path that ends before its name: the keys `.` and `..` are resolved before they arrive. */
export const refuseDotSegments: Step = async (c, next) => {
  if (!RESOLVED.test(c.req.path)) return next();
  throw new ApiError(400, CODE.key, "KV does not allow the keys . and .., and no path may contain them.");
};
