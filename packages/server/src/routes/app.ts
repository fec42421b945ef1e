import { MAX_BULK_BYTES } from "@kvplug/core/seam";
import type { Milliseconds } from "@kvplug/core/seam";
import { Hono } from "hono";
import type { Context, MiddlewareHandler } from "hono";
import type { Namespaces } from "../backend.ts";
import { setHeader } from "./answer-header.ts";
import { bulkGetRoutes } from "./bulk-get.ts";
import { bulkRoutes } from "./bulk.ts";
import { answerError } from "./envelope.ts";
import { notRouted } from "./errors.ts";
import { KEPT_TO_ORIGIN } from "./foreign-pages.ts";
import { keyRoutes } from "./keys.ts";
import { metadataRoutes } from "./metadata.ts";
import { namespaceRoutes } from "./namespaces.ts";
import { BASE_PATH, NAMESPACES_PATH, rawPath } from "./path.ts";
import { valueRoutes } from "./values.ts";

/** Options of {@link createRoutes}. */
export interface RoutesOptions {
  /** The namespaces; or a function that returns those that a request may access, called after `use`. */
  namespaces: Namespaces | ((c: Context) => Namespaces);
  /** The id of the one account; any other answers 404. Default: every account id works. */
  account?: string | undefined;
  /** Middleware to run before routing, for example authentication. */
  use?: readonly MiddlewareHandler[] | undefined;
  /** The clock that an `expiration` is checked against. Default: `Date.now`. */
  now?: (() => Milliseconds) | undefined;
  /** The most bytes of JSON in a request. Default: 100,000,000, as Cloudflare allows. */
  maxBulkBytes?: number | undefined;
}

/**
 * Returns the KV part of Cloudflare's REST API as a hono app, over any store of namespaces. Uses only web APIs, so it
 * runs in Node and in a Worker. It does not authenticate: pass middleware in `use`.
 *
 * @example
 * const app = createRoutes({ namespaces, account: "local", use: [bearer(token)] });
 * export default { fetch: app.fetch };
 */
export function createRoutes({
  namespaces,
  account,
  use = [],
  now = Date.now,
  maxBulkBytes = MAX_BULK_BYTES,
}: RoutesOptions): Hono {
  const app = new Hono({ getPath: rawPath });
  app.onError(answerError);
  app.notFound((c) => answerError(notRouted(c.req.path.replace(BASE_PATH, "")), c));
  app.use((c, next) => {
    // Ahead of the answer, which is made with them: to add them to it afterwards takes longer.
    setHeader(c, "cf-ray", ray());
    for (const name in KEPT_TO_ORIGIN) setHeader(c, name, KEPT_TO_ORIGIN[name]!);
    return next();
  });
  for (const middleware of use) app.use(middleware);

  const routes = app.basePath(NAMESPACES_PATH);
  routes.use((c, next) => {
    if (account !== undefined && c.req.param("account") !== account) throw notRouted(c.req.path.replace(BASE_PATH, ""));
    return next();
  });
  const route = {
    namespaces: typeof namespaces === "function" ? namespaces : () => namespaces,
    now,
    maxBulkBytes,
  };
  namespaceRoutes(routes, route);
  keyRoutes(routes, route);
  bulkRoutes(routes, route);
  bulkGetRoutes(routes, route);
  valueRoutes(routes, route);
  metadataRoutes(routes, route);
  return app;
}

/** An id of an answer, in the form of Cloudflare's: 64 bits, and a place. It is no secret, so it may be cheap. */
function ray(): string {
  return `${randomHex()}${randomHex()}-LCL`;
}

/** 32 bits. */
function randomHex(): string {
  return ((Math.random() * 0x1_0000_0000) >>> 0).toString(16).padStart(8, "0");
}
