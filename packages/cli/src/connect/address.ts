import type { Profile } from "./profiles.ts";

/**
 * Where a namespace is: `sessions`, `prod:sessions`, `local:sessions`, or an id in place of a title; or by the name of a
 * Worker's binding, `binding:SESSIONS` or `prod:binding:SESSIONS`, and `wrangler:SESSIONS`.
 */
export interface Address {
  /** The profile, or `local`; `undefined` where the flags decide. */
  readonly profile: string | undefined;
  /** The title or id, or the name of the binding; `undefined` for the one that is meant where none is given. */
  readonly namespace: string | undefined;
  /** How `namespace` names it. `binding`: the namespace at the account; `wrangler`: that of `wrangler dev`. */
  readonly by: "title or id" | "binding" | "wrangler";
  /** What stands before a colon like a profile, and is none. */
  readonly noProfile?: string;
}

/**
 * Reads an address. What stands before the first colon is a profile only where there is one of that
 * name, so that titles may hold colons; a colon in front says that there is none.
 */
export function parseAddress(text: string | undefined, profiles: ReadonlyMap<string, Profile>): Address {
  const by = "title or id";
  if (text === undefined) return { profile: undefined, namespace: undefined, by };
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(colon, 0));
  if (colon === 0) return { profile: undefined, namespace: text.slice(1), by };
  if (colon === -1) return { profile: undefined, namespace: text, by };
  const rest = text.slice(colon + 1);
  if (name === "binding" || name === "wrangler") {
    return { profile: undefined, namespace: rest || undefined, by: name };
  }
  const isProfile = profiles.has(name);
  if (isProfile && rest.startsWith("binding:")) return { ...parseAddress(rest, profiles), profile: name };
  if (name !== "local" && !isProfile) return { profile: undefined, namespace: text, by, noProfile: name };
  return { profile: name, namespace: rest || undefined, by };
}
