/**
 * The name of an optional method of a namespace that marks a moment. What it returns finds the keys, with a prefix, that a
 * listing may not show yet although they were written before that moment: what is under way, and what may still come of a
 * put that was abandoned. Who deletes what is listed deletes them too.
 */
export const UNLISTED_KEYS: unique symbol = Symbol.for("kvplug.unlistedKeys");

/** Those keys; each with the put since that moment that is under way, if there is one: it rejects where the key is to be deleted. */
export type Unlisted = ReadonlyMap<string, Promise<void> | undefined>;

/** A namespace that may have it. */
interface MayHaveUnlisted {
  [UNLISTED_KEYS]?(prefix: string): () => Unlisted;
}

const NONE: Unlisted = new Map();

/** Marks this moment. Returns how to find those keys; there are none where a namespace does not know, as a Worker's binding. */
export function markUnlisted(kv: object, prefix: string): () => Unlisted {
  return (kv as MayHaveUnlisted)[UNLISTED_KEYS]?.(prefix) ?? (() => NONE);
}
