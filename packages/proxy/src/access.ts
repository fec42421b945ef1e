import { createHash } from "node:crypto";
import { KVError, checkOptionNames } from "@kvplug/core/seam";
import { ALL, Tokens, parseToken, usableTokens } from "@kvplug/server/access";
import type { Grant, ParsedToken, TokenSecret } from "@kvplug/server/access";
import { authenticationError, tokenOf } from "@kvplug/server/routes";
import type { MiddlewareHandler } from "hono";

/** Lets in who shows one of the tokens, and remembers what that may do. */
export function authenticate(tokens: Tokens): MiddlewareHandler {
  return async (c, next) => {
    const grant = await tokens.grantOf(tokenOf(c));
    if (grant === undefined) throw authenticationError();
    c.set("grant", grant);
    return next();
  };
}

/** Lets in everybody, for everything. */
export const allowAll: MiddlewareHandler = async (c, next) => {
  c.set("grant", ALL satisfies Grant);
  return next();
};

/**
 * The tokens of the options; `undefined` where there are none.
 *
 * @throws {KVError} `KV_INVALID` that names the first token which is wrong. It never shows one.
 */
export function checkTokens(token: unknown, named: unknown): Tokens | undefined {
  if (token === undefined && named === undefined) return undefined;
  const tokens: Record<string, ParsedToken | string> = {};
  if (token !== undefined) {
    if (typeof token !== "string" || token === "")
      throw new KVError("KV_INVALID", "token must be a string that is not empty.");
    tokens["token"] = { ...ALL, sha256: createHash("sha256").update(token).digest() };
  }
  if (named !== undefined) {
    checkOptionNames("tokens", named as object, Object.keys(named ?? {}));
    for (const [name, secret] of Object.entries(named as Record<string, TokenSecret>))
      tokens[`tokens.${name}`] = parseToken(secret);
  }
  const usable = usableTokens(tokens, (name, why) => {
    throw new KVError("KV_INVALID", `${name} cannot be used: ${why}.`);
  });
  if (usable.length === 0) throw new KVError("KV_INVALID", "tokens must hold at least one token.");
  return new Tokens(usable);
}
