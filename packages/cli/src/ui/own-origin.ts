import { ApiError, CODE } from "@kvplug/server/routes";
import type { MiddlewareHandler } from "hono";

/**
 * Refuses what another origin sent, another port of this machine among them: to a cookie all ports are one site, and an
 * older browser says no more than this header of who asks.
 */
export const refuseOtherOrigins: MiddlewareHandler = async (c, next) => {
  const origin = c.req.header("origin");
  if (origin !== undefined && origin !== `http://${c.req.header("host")}`) {
    throw new ApiError(
      403,
      CODE.authentication,
      "Another origin asked for this, and only the page itself is answered.",
    );
  }
  await next();
};
