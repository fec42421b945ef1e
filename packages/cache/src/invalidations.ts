import { checkKeys, describe, KVError } from "@kvplug/core/seam";
import { isInvalidation, type CacheBus, type Invalidation } from "./bus/bus.ts";
import { events } from "./events.ts";
import type { CacheCounts } from "./stats.ts";
import type { TagInvalidations } from "./tags/tag-store.ts";

/** What a cache does when copies are out of date. */
export interface Forgetful {
  forget(key: string): void;
  forgetPrefix(prefix: string): void;
}

/**
 * Sends and receives invalidations over the bus. Keys of one tick share a message. No call fails because of the bus:
 * copies elsewhere then last until their `ttl`.
 */
export class Invalidations {
  readonly #bus: CacheBus | undefined;
  readonly #counts: CacheCounts;
  readonly #cache: Forgetful;
  /** A bus may bring back what was published. It is made late: a Worker has no random numbers while it starts. */
  #name: string | undefined;
  readonly #leave: Promise<(() => unknown) | undefined> | undefined;
  #keys: Set<string> = new Set();
  readonly #onTags: readonly ((invalidations: TagInvalidations) => void)[];

  /** @param onTags Listeners to the tags that other processes invalidate. */
  constructor(
    bus: CacheBus | undefined,
    counts: CacheCounts,
    cache: Forgetful,
    onTags: readonly ((invalidations: TagInvalidations) => void)[],
  ) {
    this.#onTags = onTags;
    this.#bus = bus;
    this.#counts = counts;
    this.#cache = cache;
    this.#leave = bus && this.#attempt(() => bus.subscribe((message) => this.#receive(message)));
  }

  get #from(): string {
    return (this.#name ??= crypto.randomUUID());
  }

  /** Forgets a key, some keys, or all that start with a prefix, here and over the bus. */
  invalidate(what: string | readonly string[] | { readonly prefix: string }): void {
    if (typeof what === "string" || Array.isArray(what)) {
      const keys: readonly string[] = typeof what === "string" ? [what] : what;
      checkKeys(keys);
      for (const key of keys) this.#cache.forget(key);
      this.publishKeys(keys);
      publishInvalidation(false, { keys });
      return;
    }
    const prefix = (what as { prefix?: unknown } | null)?.prefix;
    if (typeof prefix !== "string") {
      throw new KVError(
        "KV_INVALID",
        `invalidate takes a key, an array of keys, or { prefix: "user:" }, not ${describe(what)}.`,
      );
    }
    this.#cache.forgetPrefix(prefix);
    this.publishPrefix(prefix);
    publishInvalidation(false, { prefix });
  }

  publishKeys(keys: Iterable<string>): void {
    if (this.#bus === undefined) return;
    const isFirst = this.#keys.size === 0;
    for (const key of keys) this.#keys.add(key);
    if (isFirst && this.#keys.size > 0) queueMicrotask(() => this.#flush());
  }

  publishPrefix(prefix: string): void {
    if (this.#bus !== undefined) this.#publish({ from: this.#from, prefix });
  }

  publishTags(tags: TagInvalidations): void {
    if (this.#bus !== undefined) this.#publish({ from: this.#from, tags });
    publishInvalidation(false, { tags: Object.keys(tags.records) });
  }

  /** Sends what waits to be sent, and stops listening. */
  leave(): void {
    this.#flush();
    void this.#attempt(async () => (await this.#leave)?.());
  }

  #flush(): void {
    if (this.#keys.size === 0) return;
    const keys = [...this.#keys];
    this.#keys = new Set();
    this.#publish({ from: this.#from, keys });
  }

  #publish(message: Invalidation): void {
    void this.#attempt(() => this.#bus!.publish(message));
  }

  #receive(message: unknown): void {
    if (!isInvalidation(message)) {
      return this.#failed(new KVError("KV_INVALID", "The bus delivered a message that is not an invalidation."));
    }
    const { from, keys, prefix, tags } = message;
    if (from === this.#name) return;
    for (const key of keys ?? []) this.#cache.forget(key);
    if (prefix !== undefined) this.#cache.forgetPrefix(prefix);
    if (tags !== undefined) for (const listener of this.#onTags) listener(tags);
    publishInvalidation(true, { keys, prefix, tags: tags && Object.keys(tags.records) });
  }

  /** Starts some work of the bus at once. Its failure reaches only those who watch. */
  async #attempt<Result>(work: () => Result): Promise<Awaited<Result> | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  #failed(error: unknown): void {
    this.#counts.errors++;
    if (events.hasSubscribers) events.publish({ type: "error", during: "bus", error });
  }
}

/** What was forgotten. */
interface Forgotten {
  readonly keys?: readonly string[] | undefined;
  readonly prefix?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

function publishInvalidation(remote: boolean, { keys, prefix, tags }: Forgotten): void {
  if (!events.hasSubscribers) return;
  // The caller may use its array again.
  events.publish({
    type: "invalidate",
    remote,
    ...(keys && { keys: [...keys] }),
    ...(prefix !== undefined && { prefix }),
    ...(tags && { tags }),
  });
}
