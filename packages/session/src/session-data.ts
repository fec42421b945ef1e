import { kindOf, KVError, type Milliseconds } from "@kvplug/core/seam";

/** What a session tells of its cookie. The rest of the cookie is kept as it is. */
export interface SessionCookie {
  /** Until when the session is good; `null` for as long as the browser is open. */
  expires?: Date | string | number | null | undefined;
  [attribute: string]: any;
}

/** A session as Express and Fastify know it: anything, and a `cookie`. */
export interface SessionData {
  cookie?: SessionCookie | undefined;
  [field: string]: any;
}

/**
 * A session without its class: its own fields, and the cookie as JSON has it. One whose end is no date has none.
 *
 * @throws {KVError} `KV_INVALID` for what has no fields, or has its content elsewhere: an array, a `Map`.
 */
export function plainOf(session: SessionData): SessionData {
  if (typeof session !== "object" || session === null || Symbol.iterator in session) {
    throw new KVError("KV_INVALID", `A session must be an object with fields, and it is ${kindOf(session)}.`);
  }
  // Without symbols: Fastify keeps the request at one.
  const plain: SessionData = Object.fromEntries(Object.entries(session));
  if (plain.cookie === undefined || plain.cookie === null) return plain;
  const cookie = typeof plain.cookie["toJSON"] === "function" ? plain.cookie["toJSON"]() : { ...plain.cookie };
  // JSON makes this of a Date that is none. As text it would be read as the end of a session that nobody can tell.
  return { ...plain, cookie: Number.isNaN(cookieEnd({ cookie })) ? { ...cookie, expires: null } : cookie };
}

/**
 * The session without the moments that move with each request; two that agree in it differ in nothing
 * that a user put there. (`originalExpires` is Fastify's, and follows `expires`.)
 */
export function withoutMoments(plain: SessionData): SessionData {
  if (plain.cookie === undefined || plain.cookie === null) return plain;
  // Left out, since their place among the others differs from a new session to one that was read.
  const { expires: _expires, originalExpires: _originalExpires, ...cookie } = plain.cookie;
  return { ...plain, cookie };
}

/** When the cookie ends; `undefined` where it ends with the browser, `NaN` where it cannot be told. */
export function cookieEnd(session: SessionData): Milliseconds | undefined {
  const expires = session.cookie?.expires;
  // Express: `false` is a cookie of the browser's session as well.
  if (expires === undefined || expires === null || (expires as unknown) === false) return undefined;
  return new Date(expires).getTime();
}
