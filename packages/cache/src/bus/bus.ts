import type { TagInvalidations } from "../tags/tag-store.ts";

/** Says what is out of date: some keys, all keys with a prefix, or all entries with a tag. Plain JSON, never with a value. */
export interface Invalidation {
  /** The cache that sends it. */
  readonly from: string;
  readonly keys?: readonly string[];
  readonly prefix?: string;
  /** The moments at which tags were invalidated, by tag. */
  readonly tags?: TagInvalidations;
}

/**
 * Carries invalidations to the caches of the same namespace in other threads or processes. A lost message costs
 * freshness, never correctness: an old copy lasts until its `ttl`.
 *
 * If one of its functions throws or rejects, the cache counts that and publishes an event; no call fails.
 *
 * @example
 * const bus: CacheBus = {
 *   publish: (message) => redis.publish("kv:sessions", JSON.stringify(message)),
 *   subscribe: (listener) => subscribeTo("kv:sessions", (text) => listener(JSON.parse(text))),
 * };
 */
export interface CacheBus {
  /** Sends to all others. It may echo a cache's own messages, which are ignored. */
  publish(message: Invalidation): unknown;
  /**
   * Listens to all others; returns, or resolves with, a function that stops. The listener accepts anything and never
   * throws: what is not an {@link Invalidation} is ignored and counts as an error.
   */
  subscribe(listener: (message: unknown) => void): (() => unknown) | Promise<() => unknown>;
}

/** Whether this is an invalidation. Messages come from other processes, perhaps of another version. */
export function isInvalidation(message: unknown): message is Invalidation {
  if (typeof message !== "object" || message === null) return false;
  const { from, keys, prefix, tags } = message as { [Name in keyof Invalidation]: unknown };
  return (
    typeof from === "string" &&
    (keys === undefined || (Array.isArray(keys) && keys.every((key) => typeof key === "string"))) &&
    (prefix === undefined || typeof prefix === "string") &&
    (tags === undefined || isTagInvalidations(tags))
  );
}

function isTagInvalidations(tags: unknown): boolean {
  const { prefix, records } = Object(tags) as { [Name in keyof TagInvalidations]: unknown };
  return typeof prefix === "string" && typeof records === "object" && records !== null;
}
