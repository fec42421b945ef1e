import { ALL } from "@kvplug/server/access";
import type { Grant, Tokens } from "@kvplug/server/access";
import { authenticationError, tokenOf } from "@kvplug/server/routes";
import type { MiddlewareHandler } from "hono";

/** Accepts requests with one of the tokens, and records what it may do. */
export function authenticate(tokens: Tokens): MiddlewareHandler {
  return async (c, next) => {
    const grant = await tokens.grantOf(tokenOf(c));
    if (grant === undefined) throw authenticationError();
    c.set("grant", grant);
    return next();
  };
}

/** Accepts every request, with full access. */
export const allowAll: MiddlewareHandler = (c, next) => {
  c.set("grant", ALL satisfies Grant);
  return next();
};
