import { describe } from "@kvplug/core/seam";
import type { SessionData } from "./session-data.ts";

/**
 * How deep a session may nest. Frameworks compare sessions by making JSON of them, which runs out of stack at some
 * thousands; reading JSON does not.
 */
const MAX_DEPTH = 1_000;

/** @throws {TypeError} unless this is what any framework can take for a session. It says why, and shows nothing of it. */
export function checkShape(session: unknown): asserts session is SessionData {
  checkPlain("It", session);
  const { cookie } = session;
  if (cookie !== undefined && cookie !== null) checkPlain("Its cookie", cookie);
  checkDepth(session);
}

/** @throws {TypeError} unless this has fields, and none that would become the prototype of what they are copied to. */
export function checkPlain(what: string, value: unknown): asserts value is Record<string, any> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${what} is ${describe(value)}.`);
  }
  if (Object.hasOwn(value, "__proto__")) throw new TypeError(`${what} has a field "__proto__".`);
}

function checkDepth(value: object, depth = 1): void {
  if (depth > MAX_DEPTH) throw new TypeError(`It nests deeper than ${MAX_DEPTH} levels.`);
  for (const within of Object.values(value)) {
    if (typeof within === "object" && within !== null) checkDepth(within, depth + 1);
  }
}
