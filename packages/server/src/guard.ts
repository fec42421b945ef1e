/**
 * Access checks. Each rejects with the API's own error.
 *
 * @module
 */
import type { Context, MiddlewareHandler } from "hono";
import { authenticationError, equalBytes, tokenOf } from "./routes/credentials.ts";
import { ApiError, CODE } from "./routes/errors.ts";
import { foreignName } from "./routes/loopback.ts";

const encoder = new TextEncoder();

/**
 * Requires the token, as `Authorization: Bearer` or as `X-Auth-Key` beside an `X-Auth-Email`.
 *
 * @param session Returns whether a request has a session, which stands for the token.
 */
export function authenticate(token: string, session: (c: Context) => boolean = () => false): MiddlewareHandler {
  const expected = encoder.encode(token);
  return async (c, next) => {
    if (!session(c) && !equalBytes(expected, encoder.encode(tokenOf(c)))) throw authenticationError();
    await next();
  };
}

/**
 * Answers this machine only. A web page in its browser can send requests here as well, under the
 * page's own name (after its DNS was pointed here) or with its origin: neither is answered.
 */
export const onlyLoopback: MiddlewareHandler = (c, next) => {
  const header = foreignName((name) => c.req.header(name));
  if (header !== undefined) {
    const shown = JSON.stringify(c.req.header(header) ?? "");
    throw new ApiError(
      403,
      CODE.authentication,
      `Without a token, this server answers only on loopback, not for the ${header} ${shown}.`,
    );
  }
  return next();
};

/** A part of a path, before any query. */
const DOT_SEGMENT = /^([^?#]*\/)?(\.|%2e){1,2}([/?#]|$)/i;

/**
 * Rejects `.` and `..` as parts of a path, encoded or not: where something resolves them, `DELETE …/values/..` would
 * delete the namespace.
 */
export const refuseDotSegments: MiddlewareHandler<{ Bindings: { incoming: { url?: string } } }> = (c, next) => {
  if (DOT_SEGMENT.test(c.env.incoming.url ?? "")) {
    throw new ApiError(400, CODE.key, "KV does not allow the keys . and .., and no path may contain them.");
  }
  return next();
};
