import type { Context } from "hono";
import { checkKey } from "@kvplug/core/seam";
import { refuseKey } from "./checks.ts";
import { ApiError, CODE, notRouted } from "./errors.ts";

/** Where the API begins. */
export const BASE_PATH = "/client/v4";

/** The pattern of all routes' beginning. */
export const NAMESPACES_PATH: string = `${BASE_PATH}/accounts/:account/storage/kv/namespaces`;

/**
 * The pattern of a key at a path's end, which may contain slashes. With one that has a name and may match nothing, hono
 * falls back to its slowest router.
 */
export const KEY = "/*";

const KEY_IN_PATH = new RegExp(`^${NAMESPACES_PATH.replace(":account", "[^/]+")}/[^/]+/[a-z]+/(.*)$`, "s");

/** The path of a request as it was sent: a router that decodes it first would decode keys twice. */
export function rawPath(request: Request): string {
  const start = request.url.indexOf("/", request.url.indexOf("://") + 3);
  const end = request.url.slice(start).search(/[?#]/);
  return end === -1 ? request.url.slice(start) : request.url.slice(start, start + end);
}

/** The key that a path ends with, percent-decoded exactly once. A slash that was not encoded belongs to it. */
export function keyInPath(c: Context): string {
  const raw = KEY_IN_PATH.exec(c.req.path)?.[1];
  // Its pattern matches a path without the slash, too.
  if (raw === undefined) throw notRouted(c.req.path.replace(BASE_PATH, ""));
  let key: string;
  try {
    key = decodeURIComponent(raw);
  } catch {
    throw new ApiError(400, CODE.key, "The key in the path is not valid percent-encoding of UTF-8.");
  }
  refuseKey(() => checkKey(key));
  return key;
}
