import { kindOf, KVError, type Milliseconds } from "@kvplug/core/seam";

/** What a session says about its cookie. The rest of the cookie is kept as it is. */
export interface SessionCookie {
  /** When the session expires; `null`: when the browser closes. */
  expires?: Date | string | number | null | undefined;
  [attribute: string]: any;
}

/** A session as Express and Fastify define it: any fields, and a `cookie`. */
export interface SessionData {
  cookie?: SessionCookie | undefined;
  [field: string]: any;
}

/**
 * Returns a session as plain data: its own fields, and the cookie as JSON. A cookie whose expiry is not a date has
 * none.
 *
 * @throws {KVError} `KV_INVALID` if it has no fields, or keeps its content elsewhere: an array, a `Map`.
 */
export function plainOf(session: SessionData): SessionData {
  if (typeof session !== "object" || session === null || Symbol.iterator in session) {
    throw new KVError("KV_INVALID", `A session must be an object with fields, not ${kindOf(session)}.`);
  }
  // Without symbols: Fastify keeps the request at one.
  const plain: SessionData = Object.fromEntries(Object.entries(session));
  if (plain.cookie === undefined || plain.cookie === null) return plain;
  const cookie = typeof plain.cookie["toJSON"] === "function" ? plain.cookie["toJSON"]() : { ...plain.cookie };
  // JSON makes this of a Date that is none. As text it would be read as the end of a session that nobody can tell.
  return { ...plain, cookie: Number.isNaN(cookieEnd({ cookie })) ? { ...cookie, expires: null } : cookie };
}

/**
 * Returns the session without the times that change with each request. If two agree in the rest, nothing that the
 * application stored differs. (`originalExpires` is Fastify's, and follows `expires`.)
 */
export function withoutMoments(plain: SessionData): SessionData {
  if (plain.cookie === undefined || plain.cookie === null) return plain;
  // Left out, since their place among the others differs from a new session to one that was read.
  const { expires: _expires, originalExpires: _originalExpires, ...cookie } = plain.cookie;
  return { ...plain, cookie };
}

/** When the cookie expires; `undefined` if it ends with the browser, `NaN` if it is not a date. */
export function cookieEnd(session: SessionData): Milliseconds | undefined {
  const expires = session.cookie?.expires;
  // Express: `false` is a cookie of the browser's session as well.
  if (expires === undefined || expires === null || (expires as unknown) === false) return undefined;
  return new Date(expires).getTime();
}
