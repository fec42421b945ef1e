/**
 * The name of an optional method of a namespace that marks a moment. What it returns yields the keys, with a prefix, that a
 * listing may not show yet although they were written before that moment: what is under way, and what may still come of a
 * put that was abandoned. Who deletes what is listed deletes them too.
 */
export const UNLISTED_KEYS: unique symbol = Symbol.for("kvplug.unlistedKeys");

/** A namespace that may have it. */
interface MayHaveUnlisted {
  [UNLISTED_KEYS]?(prefix: string): () => Iterable<string>;
}

/** Marks this moment. Returns how to find those keys; there are none where a namespace does not know, as a Worker's binding. */
export function markUnlisted(kv: object, prefix: string): () => Set<string> {
  const unlisted = (kv as MayHaveUnlisted)[UNLISTED_KEYS]?.(prefix);
  return () => new Set(unlisted?.());
}
