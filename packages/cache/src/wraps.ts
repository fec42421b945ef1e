import {
  CALL_OPTIONS,
  checkOptionNames,
  describe,
  expirationTtlOf,
  isKVError,
  KVError,
  quoteKey,
  type KVPutOptions,
  type Milliseconds,
  type Seconds,
} from "@kvplug/core/seam";
import type { WrapOptions } from "./cached-kv.ts";
import { isOutage } from "./circuit.ts";
import { now } from "./clock.ts";
import { isExpired, valueOf, type Content } from "./content.ts";
import { events, type CacheEvent } from "./events.ts";
import { freshFor, leftOf, metadataOf, type Freshness } from "./freshness.ts";
import { whole, type CacheSettings } from "./options.ts";
import type { Outstanding } from "./outstanding.ts";
import type { Making, Round, Rounds } from "./rounds.ts";
import type { CacheCounts } from "./stats.ts";
import { checkEntryTtl, checkTaggedKey } from "./tagged-put.ts";
import { checkRoomForTags, withTags } from "./tagged-metadata.ts";
import { checkTags } from "./tags/kv-tags.ts";
import type { TagBeginning } from "./tags/tag-memory.ts";
import type { Tagging } from "./tagging.ts";
import { checkCall, LATE, waitFor, within } from "./waiting.ts";

const WRAP_OPTIONS = ["ttl", "refreshThreshold", "tags", ...CALL_OPTIONS] as const;

const NO_TAGS: readonly string[] = Object.freeze([]);

/** The namespace as `wrap` uses it. */
interface Namespace {
  read(key: string): Content | Promise<Content>;
  store(key: string, json: string, options: KVPutOptions, freshness: Freshness): Promise<void>;
  /** @throws {KVError} if the cache has no tags. */
  taggingFor(method: string): Tagging;
  isStale(content: Content): boolean;
}

/** What a caller of `wrap` asks for. */
interface Order {
  /** Makes a value, which must be JSON. */
  readonly factory: () => unknown;
  readonly ttl: Milliseconds;
  readonly refreshThreshold: Milliseconds;
  /** How long KV keeps what is made. */
  readonly expirationTtl: Seconds;
  /** Distinct. */
  readonly tags: readonly string[];
  /** When the factory began, in knowledge of the tags. */
  since: TagBeginning | undefined;
  /** For one that waits no more, nothing is made. */
  isWaiting: boolean;
}

/** Values that a factory makes where there is none: for each key one factory runs at a time. */
export class Wraps {
  readonly #settings: CacheSettings;
  readonly #counts: CacheCounts;
  readonly #namespace: Namespace;
  readonly #rounds: Rounds;
  readonly #running: Outstanding;

  /** @param running Counts what is under way. */
  constructor(
    settings: CacheSettings,
    counts: CacheCounts,
    namespace: Namespace,
    rounds: Rounds,
    running: Outstanding,
  ) {
    this.#settings = settings;
    this.#counts = counts;
    this.#namespace = namespace;
    this.#rounds = rounds;
    this.#running = running;
  }

  /** @returns What {@link valueOf} makes of the JSON, for each caller anew; `undefined` where the factory made that. */
  async wrap(key: string, factory: () => unknown, options: WrapOptions): Promise<unknown> {
    checkOptionNames("wrap", options, WRAP_OPTIONS);
    if (typeof factory !== "function") {
      throw new KVError("KV_INVALID", `wrap needs a function that computes the value, not ${describe(factory)}.`);
    }
    const { refreshThreshold = 0, ttl = this.#settings.ttl, signal, deadline } = options;
    whole("ttl", "milliseconds", ttl, 1);
    whole("refreshThreshold", "milliseconds", refreshThreshold, 0);
    checkCall(options);
    const { staleWhileRevalidate, staleIfError } = this.#settings;
    // A second more: KV expires keys at whole seconds, and would cut what is left of this one.
    const expirationTtl = expirationTtlOf(ttl + Math.max(staleWhileRevalidate, staleIfError) + 1000);
    const tags = options.tags === undefined ? NO_TAGS : this.#checkTags(key, options.tags, expirationTtl);
    const order: Order = { factory, ttl, refreshThreshold, expirationTtl, tags, since: undefined, isWaiting: true };
    const value = this.#running.add(this.#find(key, order));
    if (signal === undefined && deadline === undefined) return value;
    // The reading and the storing have a deadline of their own. What the factory takes is the caller's business.
    return waitFor(key, value, { signal, deadline: deadline ?? Number.POSITIVE_INFINITY }).finally(() => {
      order.isWaiting = false;
    });
  }

  #checkTags(key: string, given: readonly string[], expirationTtl: Seconds): readonly string[] {
    const { tags } = this.#namespace.taggingFor("wrap");
    checkTags(given);
    if (given.length === 0) return NO_TAGS;
    checkTaggedKey(key, tags);
    checkEntryTtl(key, expirationTtl, tags.maxEntryTtl);
    const distinct = [...new Set(given)];
    checkRoomForTags(key, metadataOf(freshFor(0)), distinct);
    return distinct;
  }

  async #find(key: string, order: Order): Promise<unknown> {
    const begunAt = now();
    const { tags } = order;
    const reading = this.#namespace.read(key);
    if (reading instanceof Promise && tags.length > 0) this.#namespace.taggingFor("wrap").askAlong(tags);
    // From here on, whatever writes the key or forgets it overtakes this call.
    const round = this.#rounds.join(key, tags);
    try {
      let content = reading instanceof Promise ? await this.#unlessOut(key, reading) : reading;
      if (round.overtaken) content = await this.#unlessOut(key, this.#namespace.read(key));
      if (!order.isWaiting) return undefined;
      return await this.#use(content, round, order, now() - begunAt);
    } finally {
      this.#rounds.leave(round);
    }
  }

  /** What is there; `undefined` where the backend is out of order, which must not keep a value from being made. */
  async #unlessOut(key: string, content: Content | Promise<Content>): Promise<Content | undefined> {
    try {
      return await content;
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.#failed({ type: "error", during: "wrap", key, error });
      return undefined;
    }
  }

  /** @param waited How long the caller has waited for the backend. */
  async #use(content: Content | undefined, round: Round, order: Order, waited: Milliseconds): Promise<unknown> {
    const { key } = round;
    const { staleWhileRevalidate, staleIfError, deadline } = this.#settings;
    const made = content === undefined || content.data === null || isExpired(content) ? undefined : content;
    const left = made === undefined ? Number.NEGATIVE_INFINITY : leftOf(made.freshness);
    if (made !== undefined && left > -staleWhileRevalidate) {
      const isStale = left <= 0 || this.#namespace.isStale(made);
      if (isStale || left <= order.refreshThreshold) this.#refresh(round, order);
      if (isStale) this.#publishStale(key, "revalidating");
      return valueOf(key, made, "json");
    }
    try {
      const json = await this.#make(round, order, Math.max(0, deadline - waited));
      return json === undefined ? undefined : JSON.parse(json);
    } catch (error) {
      const isGood = made !== undefined && !isExpired(made) && leftOf(made.freshness) > -staleIfError;
      if (!isGood || round.overtaken) throw error;
      this.#publishStale(key, "error");
      return valueOf(key, made, "json");
    }
  }

  #refresh(round: Round, order: Order): void {
    const { key } = round;
    const { deadline } = this.#settings;
    if (round.overtaken || this.#rounds.isMaking(key, deadline)) return;
    round.members++;
    this.#running
      .add(this.#make(round, order, deadline))
      .catch((error: unknown) => this.#failed({ type: "error", during: "refresh", key, error }))
      .finally(() => this.#rounds.leave(round));
  }

  async #make(round: Round, order: Order, patience: Milliseconds): Promise<string | undefined> {
    const { making } = round;
    if (making !== undefined) {
      // An invalidation may have come to light since its factory began.
      await this.#begin(round.key, order.tags, patience);
      for (const one of [making, round.making]) if (one !== undefined && !this.#isIgnorant(one)) return one.json;
    }
    const json = this.#makeAndStore(round, order, patience).finally(() => {
      if (round.making?.json === json) round.making = undefined;
    });
    round.making = { json, order };
    return json;
  }

  /** Whether a read has found an invalidation since the factory began: its value is for those who asked before. */
  #isIgnorant({ order: { tags, since } }: Making): boolean {
    return since !== undefined && this.#namespace.taggingFor("wrap").tags.seen(tags, since) === undefined;
  }

  /** @param patience How long the value waits for what is to be known of its tags, and for its storing. */
  async #makeAndStore(round: Round, order: Order, patience: Milliseconds): Promise<string | undefined> {
    const { key } = round;
    const { ttl, tags, expirationTtl } = order;
    const askedAt = now();
    const since = await this.#begin(key, tags, patience);
    order.since = since;
    const left = Math.max(0, patience - (now() - askedAt));
    const json = jsonOf(key, await order.factory());
    // What came meanwhile must not be replaced.
    if (json === undefined || round.overtaken) return json;
    const seen = since && this.#namespace.taggingFor("wrap").tags.seen(tags, since);
    // A tag was invalidated, or could not be read.
    if (tags.length > 0 && seen === undefined) return json;
    const freshness = freshFor(ttl);
    const metadata = seen === undefined ? metadataOf(freshness) : withTags(metadataOf(freshness), seen);
    let isAwaited = true;
    const storing = this.#namespace.store(key, json, { expirationTtl, metadata }, freshness).catch((error: unknown) => {
      if (isAwaited && !isOutage(error) && !isClosed(error)) throw error;
      this.#failed({ type: "error", during: "wrap", key, error });
    });
    isAwaited = (await within(left, storing)) !== LATE;
    return json;
  }

  /** Reads the tags before the factory runs; `undefined` without any, if that fails, and if it takes longer than `patience`. */
  async #begin(key: string, tags: readonly string[], patience: Milliseconds): Promise<TagBeginning | undefined> {
    if (tags.length === 0) return undefined;
    const { tags: known } = this.#namespace.taggingFor("wrap");
    try {
      if (!known.isKnown(tags) && (await within(patience, known.read(tags))) === LATE) return undefined;
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.#failed({ type: "error", during: "wrap", key, error });
      return undefined;
    }
    return known.begin();
  }

  #publishStale(key: string, why: "revalidating" | "error"): void {
    this.#counts.stale++;
    if (events.hasSubscribers) events.publish({ type: "stale", key, why });
  }

  #failed(event: CacheEvent): void {
    this.#counts.errors++;
    if (events.hasSubscribers) events.publish(event);
  }
}

/** @throws {KVError} `KV_INVALID` for what JSON cannot hold. */
function jsonOf(key: string, value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    const message = `The value that wrap's function returned for ${quoteKey(key)} cannot be serialised as JSON: it contains a BigInt or a cycle, or its toJSON threw.`;
    throw new KVError("KV_INVALID", message, { key, cause });
  }
}

function isClosed(error: unknown): boolean {
  return isKVError(error) && error.code === "KV_CLOSED";
}
