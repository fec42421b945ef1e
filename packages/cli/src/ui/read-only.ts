import type { JobRequest } from "@kvplug/explorer";
import { isRead } from "@kvplug/server/access";
import { ApiError, CODE } from "@kvplug/server/routes";
import type { HonoRequest, MiddlewareHandler } from "hono";

/** Refuses what writes, for `--read-only`: of the API all but reads, of the page's own requests the jobs that change something. */
export const refuseWrites: MiddlewareHandler = async (c, next) => {
  if (isRead(c.req.method, c.req.path) || (await isReadingJob(c.req))) return next();
  throw new ApiError(403, CODE.authentication, "kvplug ui was started with --read-only: nothing is written.");
};

async function isReadingJob({ path, raw }: HonoRequest): Promise<boolean> {
  // To go on with one may be to write.
  if (/^\/-\/(export|jobs\/[^/]+\/(pause|resume|stop|forget))$/.test(path)) return true;
  if (path !== "/-/jobs") return false;
  const { kind } = (await raw.clone().json()) as JobRequest;
  return kind === "diff" || kind === "export";
}
