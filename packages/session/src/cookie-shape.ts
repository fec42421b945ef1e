import type { SessionData } from "./session-data.ts";

/** A name of a domain, and what a path may hold, as the package `cookie` has them. */
const DOMAIN = /^\.?[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/i;
const PATH = /^[\u0020-\u003A\u003D-\u007E]*$/;

/** Valid values of each attribute, besides `null` and absent. */
const ATTRIBUTES: Readonly<Record<string, (value: unknown) => boolean>> = {
  expires: (value) => value === false || isMoment(value),
  originalExpires: isMoment,
  maxAge: isAge,
  originalMaxAge: isAge,
  domain: (value) => typeof value === "string" && (value === "" || DOMAIN.test(value)),
  path: (value) => typeof value === "string" && PATH.test(value),
  sameSite: (value) => typeof value === "boolean" || isOneOf(value, ["", "lax", "strict", "none"]),
  priority: (value) => isOneOf(value, ["", "low", "medium", "high"]),
  secure: (value) => typeof value === "boolean" || value === "auto",
  httpOnly: (value) => typeof value === "boolean",
  partitioned: (value) => typeof value === "boolean",
};

/**
 * @throws {TypeError} unless the cookie is one that can be set. Frameworks set it from within a callback, where what
 *   throws ends the process.
 */
export function checkCookie({ cookie }: SessionData): void {
  if (cookie === undefined || cookie === null) return;
  for (const [name, isGood] of Object.entries(ATTRIBUTES)) {
    const value: unknown = cookie[name];
    if (value !== undefined && value !== null && !isGood(value)) {
      throw new TypeError(`Its cookie has a bad ${name}.`);
    }
  }
}

/** @throws {TypeError} for a field by which the framework's own methods would be lost. */
export function checkFields(fields: object, reserved: readonly string[]): void {
  const taken = reserved.find((name) => Object.hasOwn(fields, name));
  if (taken !== undefined) throw new TypeError(`It has a field "${taken}", which is the framework's.`);
}

function isMoment(value: unknown): boolean {
  const mayBe = typeof value === "string" || typeof value === "number" || value instanceof Date;
  return mayBe && !Number.isNaN(new Date(value).getTime());
}

/** Milliseconds that lead from now to a moment that a `Date` can hold. */
function isAge(value: unknown): boolean {
  return typeof value === "number" && isMoment(Date.now() + value);
}

function isOneOf(value: unknown, words: readonly string[]): boolean {
  return typeof value === "string" && words.includes(value.toLowerCase());
}
