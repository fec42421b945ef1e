import { createHash } from "node:crypto";
import { KVError, describe } from "@kvplug/core/seam";
import { ALL, Tokens, parseToken, usableTokens } from "@kvplug/server/access";
import type { Grant, ParsedToken, TokenSecret } from "@kvplug/server/access";

/** A token as the proxy stores it. */
export interface ProxyToken extends TokenSecret {
  /** How many turns it has, while calls wait, for each turn of a token with weight 1: from 0.01 to 100. Default: 1. */
  weight?: number | undefined;
}

/** Who has access, and how many turns each has. */
export interface CheckedTokens {
  /** `undefined` if no token is needed. */
  readonly tokens: Tokens | undefined;
  readonly hasSeveralTokens: boolean;
  weightOf(grant: Grant): number;
}

/**
 * Checks the token options.
 *
 * @throws {KVError} `KV_INVALID` that names the first invalid token. It never shows one.
 */
export function checkTokens(token: unknown, named: unknown): CheckedTokens {
  const weights = new Map<Grant, number>();
  const weightOf = (grant: Grant): number => weights.get(grant) ?? 1;
  if (token === undefined && named === undefined) return { tokens: undefined, hasSeveralTokens: false, weightOf };
  const parsed: Record<string, ParsedToken | string> = {};
  if (token !== undefined) {
    if (typeof token !== "string" || token === "") throw new KVError("KV_INVALID", "token must be a non-empty string.");
    parsed["token"] = { ...ALL, sha256: createHash("sha256").update(token).digest() };
  }
  if (named !== undefined) {
    if (typeof named !== "object" || named === null)
      throw new KVError("KV_INVALID", `tokens must be an object of tokens by their names, not ${describe(named)}.`);
    for (const [name, secret] of Object.entries(named)) {
      const { weight = 1, ...others } = Object(secret) as ProxyToken;
      const option = `tokens.${name}`;
      const one = (parsed[option] = parseToken(typeof secret === "object" ? others : secret));
      if (!(typeof weight === "number" && weight >= 0.01 && weight <= 100))
        parsed[option] = "weight must be 0.01 to 100";
      if (typeof one === "object") weights.set(one, weight);
    }
  }
  const usable = usableTokens(parsed, (name, why) => {
    throw new KVError("KV_INVALID", `${name} cannot be used: ${why}.`);
  });
  if (usable.length === 0) throw new KVError("KV_INVALID", "tokens must have at least one token.");
  return { tokens: new Tokens(usable), hasSeveralTokens: usable.length > 1, weightOf };
}
