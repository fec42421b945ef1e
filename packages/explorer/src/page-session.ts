import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";

/** The query parameter of the printed address. */
const PARAMETER = "session";

/**
 * Lets in a browser that opens the printed address: the random text in it becomes a cookie. Requests with neither are
 * refused. Other users of the machine, and pages in other tabs, know neither.
 */
export class PageSession {
  readonly #secret: string = randomBytes(24).toString("base64url");

  /** Returns the address that opens a session; it is a secret. */
  link(origin: string): string {
    return `${origin}/?${PARAMETER}=${this.#secret}`;
  }

  /** Whether a request has the session's cookie. */
  readonly has = (c: Context): boolean => this.#isSecret(getCookie(c, cookieName(c)));

  /** Middleware: answers the printed address with the cookie, and any other request without the cookie with 401. */
  readonly guard: MiddlewareHandler = async (c, next) => {
    const opened = this.open(c);
    if (opened !== undefined) return opened;
    if (!this.has(c)) {
      return c.text(
        "This page needs the address that kvplug printed when it started. It changes with each start.\n",
        401,
      );
    }
    return next();
  };

  /** Answers the printed address with the cookie; returns `undefined` for any other request. */
  open(c: Context): Response | undefined {
    const given = c.req.query(PARAMETER);
    if (c.req.method !== "GET" || c.req.path !== "/" || given === undefined) return undefined;
    if (this.#isSecret(given)) {
      setCookie(c, cookieName(c), given, { httpOnly: true, sameSite: "Strict", path: "/" });
    } else {
      deleteCookie(c, cookieName(c));
    }
    // The secret leaves the address bar, and so the history.
    return c.redirect("/", 303);
  }

  #isSecret(given: string | undefined): boolean {
    const [mine, theirs] = [Buffer.from(this.#secret), Buffer.from(given ?? "")];
    return mine.length === theirs.length && timingSafeEqual(mine, theirs);
  }
}

/** A browser shares cookies between all ports of a host, so each port's cookie has a name of its own. */
function cookieName(c: Context): string {
  const port = /:(\d+)$/.exec(c.req.header("host") ?? "")?.[1] ?? "80";
  return `kvplug-page-${port}`;
}
