import { KVError, KVLimitError, quoteKey, type KVPutOptions, type Milliseconds, type Seconds } from "@kvplug/core/seam";
import type { Content } from "./content.ts";
import { checkRoomForTags, withTags } from "./tagged-metadata.ts";
import { checkTags, type KVTags } from "./tags/kv-tags.ts";
import type { TagBeginning } from "./tags/tag-memory.ts";
import type { SeenTags } from "./tags/verdict.ts";

/** A `put` with tags. What is written is believed to be of the moment of the call. */
export class TaggedPut {
  /** What is known of the tags; where that is not known yet, what stands for it until it is. */
  seen: SeenTags;
  /** Whether it is known without asking. */
  readonly isKnown: boolean;
  /** The options without tags, with an expiration. */
  readonly options: KVPutOptions;
  readonly #tags: KVTags;
  readonly #names: readonly string[];
  readonly #calledAt: TagBeginning;

  /** @throws {KVError} for tags that can be none, that do not fit, or whose entry would live for too long. */
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

  /** The metadata that is stored. */
  metadataWith(metadata: unknown): unknown {
    return this.#names.length === 0 ? metadata : withTags(metadata, this.seen);
  }

  /** Learns what is known of the tags, also for what is kept of it here. */
  async settle(content: Content | undefined): Promise<void> {
    const { signal, deadline } = this.options;
    await this.#tags.read(this.#names, { ...(signal && { signal }), ...(deadline !== undefined && { deadline }) });
    this.seen = this.#tags.seenAtCall(this.#names, this.#calledAt) ?? this.#ignorant();
    // It is a write under way, and nobody else's yet.
    if (content !== undefined) Object.assign(content, { seen: this.seen });
  }

  /** Until it is known: whatever was invalidated before the call, and nothing after it. */
  #assumed(known: SeenTags | undefined): SeenTags {
    const moment: Milliseconds = this.#calledAt.at - 1;
    return Object.fromEntries(this.#names.map((tag) => [tag, Math.max(moment, known?.[tag] ?? 0)]));
  }

  /** It was invalidated since. */
  #ignorant(): SeenTags {
    return Object.fromEntries(this.#names.map((tag) => [tag, 0]));
  }
}

/** Throws where this cannot be the key of an entry with tags. */
export function checkTaggedKey(key: string, tags: KVTags): void {
  if (!tags.isRecord(key)) return;
  const message = `The key ${quoteKey(key)} is kept for the record of a tag, and cannot have tags itself: use another key, or pass withCache another tags.prefix.`;
  throw new KVError("KV_INVALID", message, { key });
}

/** Throws where an entry with tags would live for longer than what is known of them. */
export function checkEntryTtl(key: string, ttl: Seconds, maxEntryTtl: Seconds): void {
  if (ttl <= maxEntryTtl) return;
  throw new KVLimitError(
    `An entry with tags may live for ${maxEntryTtl} seconds, and ${quoteKey(key)} is to live for ${ttl}: let it end sooner, or pass withCache { tags: { maxEntryTtl } }.`,
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

/** Beside tags, metadata that holds nothing could not be told from none. */
function withoutEmpty(options: KVPutOptions): KVPutOptions {
  const { metadata, ...others } = options;
  return metadata && Object.keys(metadata).length === 0 ? others : options;
}
