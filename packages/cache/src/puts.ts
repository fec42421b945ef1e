import {
  checkKey,
  checkPutOptions,
  checkValue,
  type KVCallOptions,
  type KVNamespace,
  type KVPutOptions,
  type KVValue,
  type Milliseconds,
  type WholeValue,
} from "@kvplug/core/seam";
import type { CachePutOptions } from "./cached-kv.ts";
import { now } from "./clock.ts";
import type { Content } from "./content.ts";
import type { Freshness } from "./freshness.ts";
import type { Send } from "./held-keys.ts";
import type { Outstanding } from "./outstanding.ts";
import { splitTags } from "./tagged-metadata.ts";
import { TaggedPut } from "./tagged-put.ts";
import type { Tagging } from "./tagging.ts";
import { checkCall } from "./waiting.ts";
import type { WriteThrough } from "./write-through.ts";

/** Writes values through a cache: checks them, and knows what each leaves behind. */
export class Puts {
  readonly #backend: KVNamespace;
  readonly #writes: WriteThrough;
  readonly #running: Outstanding;
  readonly #taggingFor: (method: string) => Tagging;

  /**
   * @param running Counts pending writes.
   * @param taggingFor Throws if the cache has no tags.
   */
  constructor(
    backend: KVNamespace,
    writes: WriteThrough,
    running: Outstanding,
    taggingFor: (method: string) => Tagging,
  ) {
    this.#backend = backend;
    this.#writes = writes;
    this.#running = running;
    this.#taggingFor = taggingFor;
  }

  async put(key: string, value: KVValue, given: CachePutOptions): Promise<void> {
    checkKey(key);
    const date = Date.now();
    const tagged = given?.tags === undefined ? undefined : this.#tagged(key, given);
    const options = tagged?.options ?? given;
    const { expiration, expirationTtl, metadata } = checkPutOptions(key, options, date);
    const known = checkValue(key, value);
    const content: Content | undefined =
      "stream" in known
        ? undefined
        : {
            data: dataOf(known),
            exact: true,
            described: true,
            metadata,
            expiration: expirationTtl === undefined ? expiration : Math.floor(date / 1000) + expirationTtl,
            seen: tagged?.seen,
          };
    checkCall(options);
    const isLate = tagged?.isKnown === false;
    // Where it is not sent in this turn, the caller may have used its bytes and objects again by then.
    const isHeld = isLate || this.#writes.isHeld(key);
    const sent = isHeld ? (content?.data ?? value) : value;
    const own = isHeld ? metadata && JSON.parse(metadata) : options.metadata;
    const terms = isHeld ? { ...options, metadata: own } : options;
    const send: Send = async (waited) => {
      if (tagged === undefined) return this.#backend.put(key, sent, after(waited, terms));
      const begunAt = now();
      if (isLate) await tagged.settle(content);
      const tags = { metadata: tagged.metadataWith(own) };
      return this.#backend.put(key, sent, after(waited + now() - begunAt, { ...terms, ...tags }));
    };
    const writes = this.#writes;
    await this.#running.add(
      isLate ? writes.writeLate(key, content, send, options) : writes.write(key, content, send, options),
    );
  }

  #tagged(key: string, { tags, ...options }: CachePutOptions): TaggedPut {
    return new TaggedPut(this.#taggingFor("put").tags, key, tags!, options);
  }

  /** Writes the record of a tag. */
  putRecord(key: string, text: string, options: KVPutOptions): Promise<void> {
    const { content, send } = this.#ownText(key, text, options);
    return this.#running.add(this.#writes.write(key, content, send));
  }

  /** Stores a value that `wrap` computed. */
  store(key: string, json: string, options: KVPutOptions, freshness: Freshness): Promise<void> {
    const { content, send } = this.#ownText(key, json, options);
    return this.#running.add(this.#writes.store(key, { ...content, freshness }, send));
  }

  #ownText(key: string, text: string, options: KVPutOptions): { content: Content; send: Send } {
    const { expirationTtl, metadata } = checkPutOptions(key, options, Date.now());
    checkValue(key, text);
    const expiration = Math.floor(Date.now() / 1000) + expirationTtl!;
    return {
      content: { data: text, exact: true, described: true, ...splitTags(metadata), expiration },
      send: () => this.#backend.put(key, text, options),
    };
  }
}

/** A copy: the caller may use its buffer again. */
function dataOf({ data }: WholeValue): string | ArrayBuffer {
  return typeof data === "string" ? data : new Uint8Array(data).buffer;
}

/** The terms of a write that waited before it was sent. */
export function after<Options extends KVCallOptions>(waited: Milliseconds, options: Options): Options {
  const { deadline } = options;
  return waited === 0 || deadline === undefined
    ? options
    : { ...options, deadline: Math.max(1, Math.ceil(deadline - waited)) };
}
