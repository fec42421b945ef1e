import type { ToldTags } from "../tags/tag-store.ts";

/**
 * Which copies are out of date: some keys, all keys with a prefix, or all that carry some tags. It never holds a value. It
 * is plain JSON.
 */
export interface Invalidation {
  /** The cache that says so. */
  readonly from: string;
  readonly keys?: readonly string[];
  readonly prefix?: string;
  /** The moments at which tags were invalidated, by tag. */
  readonly tags?: ToldTags;
}

/**
 * Carries invalidations to the caches of the same namespace in other threads or processes. What it
 * loses costs freshness, never correctness: a copy that is out of date lasts for its `ttl`.
 *
 * Where one of its functions throws or rejects, that is counted and published as an event, and costs
 * nobody a call.
 *
 * @example
 * const bus: CacheBus = {
 *   publish: (message) => redis.publish("kv:sessions", JSON.stringify(message)),
 *   subscribe: (listener) => subscribeTo("kv:sessions", (text) => listener(JSON.parse(text))),
 * };
 */
export interface CacheBus {
  /** Sends to all others. It may bring back a cache's own messages, which are ignored. */
  publish(message: Invalidation): unknown;
  /**
   * Listens to all others; the result, or what it resolves to, ends that. The listener takes whatever
   * came and never throws: what is no {@link Invalidation} is counted as an error and ignored.
   */
  subscribe(listener: (message: unknown) => void): (() => unknown) | Promise<() => unknown>;
}

/** Whether this is an invalidation. It comes from another process, which may be of another make. */
export function isInvalidation(message: unknown): message is Invalidation {
  if (typeof message !== "object" || message === null) return false;
  const { from, keys, prefix, tags } = message as { [Name in keyof Invalidation]: unknown };
  return (
    typeof from === "string" &&
    (keys === undefined || (Array.isArray(keys) && keys.every((key) => typeof key === "string"))) &&
    (prefix === undefined || typeof prefix === "string") &&
    (tags === undefined || isToldTags(tags))
  );
}

function isToldTags(tags: unknown): boolean {
  const { prefix, records } = Object(tags) as { [Name in keyof ToldTags]: unknown };
  return typeof prefix === "string" && typeof records === "object" && records !== null;
}
