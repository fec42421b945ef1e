/** Which copies are out of date: some keys, or all keys with a prefix. It never holds a value. It is plain JSON. */
export interface Invalidation {
  /** The cache that says so. */
  readonly from: string;
  readonly keys?: readonly string[];
  readonly prefix?: string;
}

/**
 * Carries invalidations to the caches of the same namespace in other threads or processes. What it
 * loses costs freshness, never correctness: a copy that is out of date lasts for its `ttl`.
 *
 * @example
 * const bus: CacheBus = {
 *   publish: (message) => redis.publish("kv:sessions", JSON.stringify(message)),
 *   subscribe: (listener) => subscribeTo("kv:sessions", (text) => listener(JSON.parse(text))),
 * };
 */
export interface CacheBus {
  /** Sends to all others. What it throws, or rejects with, is counted and published as an event, and nothing else. */
  publish(message: Invalidation): unknown;
  /** Listens to all others; the result ends that. It may bring back a cache's own messages, which are ignored. */
  subscribe(listener: (message: Invalidation) => void): () => void;
}
