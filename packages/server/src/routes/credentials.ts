import type { Context } from "hono";
import { ApiError, CODE } from "./errors.ts";

/**
 * Returns the token of a request, from `Authorization: Bearer` or from `X-Auth-Key` with an `X-Auth-Email`; empty if
 * there is none.
 */
export function tokenOf(c: Context): string {
  const bearer = /^Bearer\s+(.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  const key = c.req.header("x-auth-email") === undefined ? undefined : c.req.header("x-auth-key");
  return bearer ?? key ?? "";
}

/** Compares in constant time, which reveals only the length of what was expected. */
export function equalBytes(expected: Uint8Array, given: Uint8Array): boolean {
  let difference = expected.length ^ given.length;
  for (let index = 0; index < expected.length; index++) difference |= (expected[index] ?? 0) ^ (given[index] ?? 0);
  return difference === 0;
}

/** The API's error for an unknown token, or one without permission. */
export function authenticationError(): ApiError {
  return new ApiError(403, CODE.authentication, "Authentication error");
}
