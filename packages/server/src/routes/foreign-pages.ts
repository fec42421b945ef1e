/**
 * What keeps the web pages of other origins out. A browser sends their requests to this machine as well, and says so:
 * `<script src>`, `<img>`, `<link>`, `fetch` without CORS and links carry no `Origin`, all carry `Sec-Fetch-Site`.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { ApiError, CODE } from "./errors.ts";

/**
 * What each answer says to a browser, also to one that tells nothing of who asks: that the bytes are no other kind than
 * they are said to be, and for no page of another origin.
 */
export const KEPT_TO_ORIGIN: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
};

/** Reads a header of a request, by its name in lower case. */
export type ReadHeader = (name: string) => string | undefined;

/** What a door lets through. */
export interface ForeignPageOptions {
  /**
   * Whether a link of another page may lead here, in a tab of its own, whose content that page cannot read. A frame
   * may not. Default: false.
   */
  links?: boolean | undefined;
}

/**
 * Whether a request was sent by a web page of another origin: of another host, or of another port of this one.
 * Programs tell nothing of the kind, nor do browsers where somebody typed the address.
 */
export function isForeignPage(header: ReadHeader, { links = false }: ForeignPageOptions = {}): boolean {
  const site = header("sec-fetch-site");
  if (site !== "cross-site" && site !== "same-site") return false;
  return !(links && header("sec-fetch-mode") === "navigate" && header("sec-fetch-dest") === "document");
}

/** Answers no web page of another origin: a step for `use` of `createRoutes`. */
export const refuseForeignPages: MiddlewareHandler = async (c, next) => {
  if (isForeignPage((name) => c.req.header(name))) {
    throw new ApiError(
      403,
      CODE.authentication,
      "A web page of another origin asked for this, and none is answered: ask from a program, or type the address.",
    );
  }
  await next();
};
