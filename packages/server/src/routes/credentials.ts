import type { Context } from "hono";
import { ApiError, CODE } from "./errors.ts";

/** The token of a request: `Authorization: Bearer`, or `X-Auth-Key` beside an `X-Auth-Email`; empty where there is none. */
export function tokenOf(c: Context): string {
  const bearer = /^Bearer\s+(.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  const key = c.req.header("x-auth-email") === undefined ? undefined : c.req.header("x-auth-key");
  return bearer ?? key ?? "";
}

/** Compares in a time that tells nothing of what was expected but its length. */
export function equalBytes(expected: Uint8Array, given: Uint8Array): boolean {
  let difference = expected.length ^ given.length;
  for (let index = 0; index < expected.length; index++) difference |= (expected[index] ?? 0) ^ (given[index] ?? 0);
  return difference === 0;
}

/** The API's answer to a token that it does not know, or that may not do this. */
export function authenticationError(): ApiError {
  return new ApiError(403, CODE.authentication, "Authentication error");
}
