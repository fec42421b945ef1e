/**
 * The name of an optional method of a namespace that yields the keys, with a prefix, that a listing may not show yet:
 * those that are being put, and those of which an abandoned put may still take effect. Who deletes what is listed deletes
 * them too.
 */
export const UNLISTED_KEYS: unique symbol = Symbol.for("kvplug.unlistedKeys");

/** A namespace that may have it. */
interface MayHaveUnlisted {
  [UNLISTED_KEYS]?(prefix: string): Iterable<string>;
}

/** Returns those keys of a namespace; none where it does not know them, as a Worker's binding. */
export function unlistedKeys(kv: object, prefix: string): Set<string> {
  return new Set((kv as MayHaveUnlisted)[UNLISTED_KEYS]?.(prefix));
}
