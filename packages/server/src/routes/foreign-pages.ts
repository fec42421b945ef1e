/**
 * Keeps out web pages of other origins. A browser sends their requests to this machine too, and says so: `<script
 * src>`, `<img>`, `<link>`, `fetch` without CORS and links have no `Origin`, but all have `Sec-Fetch-Site`.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { ApiError, CODE } from "./errors.ts";

/**
 * Headers of every answer, for browsers that do not send `Sec-Fetch-Site`: they must not guess another content type,
 * and must not give the answer to a page of another origin.
 */
export const KEPT_TO_ORIGIN: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
};

/** Reads a request header by its lower-case name. */
export type ReadHeader = (name: string) => string | undefined;

/** What to let through. */
export interface ForeignPageOptions {
  /**
   * Whether another page may link here, in a tab of its own, whose content that page cannot read. Frames are always
   * rejected. Default: false.
   */
  links?: boolean | undefined;
}

/**
 * Whether a web page of another origin sent a request: of another host, or of another port on this one. Programs do not
 * send the header, nor does a browser when somebody types the address.
 */
export function isForeignPage(header: ReadHeader, { links = false }: ForeignPageOptions = {}): boolean {
  const site = header("sec-fetch-site");
  if (site !== "cross-site" && site !== "same-site") return false;
  return !(links && header("sec-fetch-mode") === "navigate" && header("sec-fetch-dest") === "document");
}

/** Middleware for `use` of `createRoutes`: rejects requests from web pages of other origins. */
export const refuseForeignPages: MiddlewareHandler = (c, next) => {
  if (isForeignPage((name) => c.req.header(name))) {
    throw new ApiError(
      403,
      CODE.authentication,
      "A web page of another origin sent this request, which is not allowed. Use a program, or type the address.",
    );
  }
  return next();
};
