/**
 * Who may ask. Each refuses with the API's own error.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { authenticationError, equalBytes, tokenOf } from "./routes/credentials.ts";
import { ApiError, CODE } from "./routes/errors.ts";

const encoder = new TextEncoder();

/** Demands the token, as `Authorization: Bearer` or as `X-Auth-Key` beside an `X-Auth-Email`. */
export function authenticate(token: string): MiddlewareHandler {
  const expected = encoder.encode(token);
  return async (c, next) => {
    if (!equalBytes(expected, encoder.encode(tokenOf(c)))) throw authenticationError();
    await next();
  };
}

/**
 * Answers this machine only. A web page in its browser can send requests here as well, under the
 * page's own name (after its DNS was pointed here) or with its origin: neither is answered.
 */
export const onlyLoopback: MiddlewareHandler = async (c, next) => {
  const host = hostname(`http://${c.req.header("host") ?? ""}`);
  if (host === undefined || !isLoopback(host)) refuse("Host", c.req.header("host"));
  const origin = c.req.header("origin");
  if (origin !== undefined && !isLoopback(hostname(origin) ?? "")) refuse("Origin", origin);
  await next();
};

function refuse(header: string, value: string | undefined): never {
  const shown = JSON.stringify(value ?? "");
  throw new ApiError(
    403,
    CODE.authentication,
    `Without a token, this server answers to loopback only, and not to the ${header} ${shown}.`,
  );
}

function hostname(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

/** Whether a host name or address is this machine's own. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Refuses `.` and `..` as parts of a path, encoded or not: resolved by whoever is kind enough to,
 * `DELETE …/values/..` would be the deletion of the namespace.
 */
export const refuseDotSegments: MiddlewareHandler<{ Bindings: { incoming: { url?: string } } }> = async (c, next) => {
  const [path = ""] = (c.env.incoming.url ?? "").split(/[?#]/);
  if (path.split("/").some((part) => /^(\.|%2e){1,2}$/i.test(part))) {
    throw new ApiError(400, CODE.key, "KV does not allow the keys . and .., and no path may hold them.");
  }
  await next();
};
