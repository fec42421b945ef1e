import { KVError, KVLimitError, quoteKey, type KVPutOptions, type Milliseconds, type Seconds } from "@kvplug/core/seam";
import type { Content } from "./content.ts";
import { checkRoomForTags, withTags } from "./tagged-metadata.ts";
import { checkTags, type KVTags } from "./tags/kv-tags.ts";
import type { TagBeginning } from "./tags/tag-memory.ts";
import type { SeenTags } from "./tags/verdict.ts";

/** A `put` with tags. Its value counts as computed at the call. */
export class TaggedPut {
  /** What is known of the tags; until they are read, an assumption. */
  seen: SeenTags;
  /** Whether the tags need not be read first. */
  readonly isKnown: boolean;
  /** The options without tags, with an expiration. */
  readonly options: KVPutOptions;
  readonly #tags: KVTags;
  readonly #names: readonly string[];
  readonly #calledAt: TagBeginning;

  /** @throws {KVError} for invalid tags, tags that do not fit into the metadata, and entries that would live too long. */
  constructor(tags: KVTags, key: string, names: readonly string[], options: KVPutOptions) {
    checkTags(names);
    this.#tags = tags;
    this.#names = [...new Set(names)];
    this.options = this.#names.length === 0 ? options : optionsFor(tags, key, this.#names, options);
    this.isKnown = tags.isKnown(this.#names);
    this.#calledAt = tags.begin();
    const known = tags.seenAtCall(this.#names, this.#calledAt);
    this.seen = this.isKnown && known !== undefined ? known : this.#assumed(known);
  }

  /** Returns the metadata to store. */
  metadataWith(metadata: unknown): unknown {
    return this.#names.length === 0 ? metadata : withTags(metadata, this.seen);
  }

  /** Reads the tags, and corrects `seen`, also of the content that reads find meanwhile. */
  async settle(content: Content | undefined): Promise<void> {
    const { signal, deadline } = this.options;
    await this.#tags.read(this.#names, { ...(signal && { signal }), ...(deadline !== undefined && { deadline }) });
    this.seen = this.#tags.seenAtCall(this.#names, this.#calledAt) ?? this.#ignorant();
    // The write is pending, and this content is not shared yet.
    if (content !== undefined) Object.assign(content, { seen: this.seen });
  }

  /** Until the tags are read: every invalidation before the call is known, and none after it. */
  #assumed(known: SeenTags | undefined): SeenTags {
    const moment: Milliseconds = this.#calledAt.at - 1;
    return Object.fromEntries(this.#names.map((tag) => [tag, Math.max(moment, known?.[tag] ?? 0)]));
  }

  /** A tag was invalidated since. */
  #ignorant(): SeenTags {
    return Object.fromEntries(this.#names.map((tag) => [tag, 0]));
  }
}

/** Throws if the key is reserved for records. */
export function checkTaggedKey(key: string, tags: KVTags): void {
  if (!tags.isRecord(key)) return;
  const message = `The key ${quoteKey(key)} is reserved for the record of a tag, and cannot have tags itself: use another key, or pass withCache another tags.prefix.`;
  throw new KVError("KV_INVALID", message, { key });
}

/** Throws if an entry would outlive the records of its tags. */
export function checkEntryTtl(key: string, ttl: Seconds, maxEntryTtl: Seconds): void {
  if (ttl <= maxEntryTtl) return;
  throw new KVLimitError(
    `An entry with tags may live for ${maxEntryTtl} seconds, and ${quoteKey(key)} would live for ${ttl}. Let it expire sooner, or raise tags.maxEntryTtl of withCache.`,
    maxEntryTtl,
    ttl,
    key,
  );
}

function optionsFor(tags: KVTags, key: string, names: readonly string[], options: KVPutOptions): KVPutOptions {
  checkTaggedKey(key, tags);
  checkRoomForTags(key, options.metadata, names);
  return withEnd(key, withoutEmpty(options), tags.maxEntryTtl);
}

function withEnd(key: string, options: KVPutOptions, maxEntryTtl: Seconds): KVPutOptions {
  const { expiration, expirationTtl } = options;
  if (typeof expirationTtl === "number") checkEntryTtl(key, expirationTtl, maxEntryTtl);
  else if (typeof expiration === "number") {
    checkEntryTtl(key, expiration - Math.floor(Date.now() / 1000), maxEntryTtl);
  } else if ((expirationTtl ?? expiration ?? undefined) === undefined) {
    return { ...options, expirationTtl: maxEntryTtl };
  }
  return options;
}

/** Beside tags, empty metadata would look like none. */
function withoutEmpty(options: KVPutOptions): KVPutOptions {
  const { metadata, ...others } = options;
  return metadata && Object.keys(metadata).length === 0 ? others : options;
}
