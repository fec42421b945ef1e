import type { Profile } from "./profiles.ts";

/** Where a namespace is: `sessions`, `prod:sessions`, `local:sessions`, or an id in place of a title. */
export interface Address {
  /** The profile, or `local`; `undefined` where the flags decide. */
  readonly profile: string | undefined;
  /** The title or id; `undefined` for the one that is meant where none is given. */
  readonly namespace: string | undefined;
  /** What stands before a colon like a profile, and is none. */
  readonly noProfile?: string;
}

/**
 * Reads an address. What stands before the first colon is a profile only where there is one of that
 * name, so that titles may hold colons; a colon in front says that there is none.
 */
export function parseAddress(text: string | undefined, profiles: ReadonlyMap<string, Profile>): Address {
  if (text === undefined) return { profile: undefined, namespace: undefined };
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(colon, 0));
  if (colon === 0) return { profile: undefined, namespace: text.slice(1) };
  if (colon === -1) return { profile: undefined, namespace: text };
  if (name !== "local" && !profiles.has(name)) return { profile: undefined, namespace: text, noProfile: name };
  return { profile: name, namespace: text.slice(colon + 1) || undefined };
}
