import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
// First of what is imported from other packages: it tells an old Node which one is needed.
import { checkOptionNames } from "@kvplug/core/seam";
import type { Context, MiddlewareHandler } from "hono";

/** Where the build lies, seen from the source as well as from the build. */
const FOLDER: string = join(import.meta.dirname, "../dist/page");

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * What the page may load, and who may show it: nothing that is not of its origin, and no frame. What it draws from
 * values are blobs of its own.
 */
const POLICY: string = [
  "default-src 'self'",
  "img-src 'self' blob: data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": POLICY,
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
};

/** Options of {@link servePage}. */
export interface ServePageOptions {
  /** The folder of the built page. Default: that of this package. */
  folder?: string | undefined;
}

/**
 * Answers `GET /` with the page and `GET /assets/…` with its files, with a content security policy; calls `next` for all
 * else. In a clone where it is not built, `/` answers 503 with the command that builds it.
 *
 * @throws {KVError} `KV_INVALID` for an option that does not exist.
 * @example
 * const app = createRoutes({ namespaces, use: [session.guard, servePage()] });
 */
export function servePage(options: ServePageOptions = {}): MiddlewareHandler {
  checkOptionNames("servePage", options, ["folder"]);
  const { folder = FOLDER } = options;
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  return async (c, next) => {
    const { path, method } = c.req;
    if (method !== "GET" && method !== "HEAD") return next();
    const name = path === "/" ? "index.html" : /^\/(assets\/[\w.-]+|icon\.svg)$/.exec(path)?.[1];
    if (name === undefined) return next();
    const bytes = read(name);
    if (bytes !== undefined) return answer(c, bytes, extname(name));
    return path === "/" ? notBuilt(c) : next();
  };

  /** What is built does not change, but for the page itself, which names what is new. */
  function read(name: string): Uint8Array<ArrayBuffer> | undefined {
    if (name !== "index.html" && files.has(name)) return files.get(name);
    const path = join(folder, name);
    const bytes = existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined;
    if (bytes !== undefined) files.set(name, bytes);
    return bytes;
  }
}

function answer(c: Context, bytes: Uint8Array<ArrayBuffer>, extension: string): Response {
  const isPage = extension === ".html";
  return c.body(bytes, 200, {
    ...HEADERS,
    "content-type": TYPES[extension] ?? "application/octet-stream",
    // Names of assets hold a hash of what is in them.
    "cache-control": isPage ? "no-store" : "private, max-age=31536000, immutable",
  });
}

function notBuilt(c: Context): Response {
  return c.text("The page is not built here. Build it: pnpm --filter @kvplug/explorer build\n", 503, HEADERS);
}
