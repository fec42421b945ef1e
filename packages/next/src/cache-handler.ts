/**
 * Next's `cacheHandler` on Workers KV: pages, answers of route handlers, the data of `fetch` and `unstable_cache`, images.
 *
 * The way of a call: Next → this class, which names the key → `next-kv.ts`, which finds an entry and judges it by its tags
 * → `entries.ts`, the copies of this process → KV.
 *
 * @module
 */
import type { Seconds } from "@kvplug/core/seam";
import { buildIdOf } from "./build-id.ts";
import type { StoredResponse } from "./entry.ts";
import {
  TAGS_HEADER,
  type Durations,
  type GetContext,
  type HandlerContext,
  type HandlerValue,
  type ResponseHandler,
  type ResponseValue,
  type SetContext,
} from "./next-contract.ts";
import { MAX_TTL, type Found, type NextKV } from "./next-kv.ts";
import { ownResponses } from "./next-own.ts";
import { isWanted } from "./options.ts";
import { pack, unpack } from "./packed.ts";
import { report } from "./report.ts";
import { openNextKV } from "./shared.ts";
import { markStale } from "./stale-responses.ts";

/** Data that is past its time is served until it is fetched anew: so long it is there for that. */
const LEAST_TTL_OF_DATA: Seconds = 86_400;

/**
 * The class for `cacheHandler` of `next.config`. Where nothing is kept in KV, as in a build, in development and without
 * credentials, it does what Next's own handler does.
 *
 * @example
 * // next.config.mjs
 * export default { cacheHandler: import.meta.resolve("@kvplug/next/cache-handler") };
 */
export default class KVCacheHandler implements ResponseHandler {
  readonly #context: HandlerContext;
  readonly #isWanted: boolean;
  #own: Promise<ResponseHandler> | undefined;

  constructor(context: HandlerContext) {
    this.#context = context;
    this.#isWanted = isWanted(context.dev ?? false);
  }

  async get(key: string, context: GetContext): Promise<HandlerValue | null> {
    const kv = this.#open();
    if (kv !== undefined) {
      const asked = context.kind === "FETCH" ? [...(context.tags ?? []), ...(context.softTags ?? [])] : [];
      const found = await kv.find<StoredResponse>(this.#nameOf(kv, context.kind, key), asked, tagsOf);
      // The first call may have found out that nothing can be kept in KV.
      if (this.#open() !== undefined) return found === undefined ? null : valueOf(found);
    }
    return (await this.#nextsOwn()).get(key, context);
  }

  async set(key: string, value: ResponseValue | null, context: SetContext): Promise<void> {
    const kv = this.#open();
    if (kv === undefined) return (await this.#nextsOwn()).set(key, value, context);
    const kind = context.fetchCache ? "FETCH" : value?.kind;
    try {
      const isFetch = kind === "FETCH";
      const revalidate = isFetch ? (value?.revalidate ?? false) : (context.cacheControl?.revalidate ?? false);
      const entry = {
        doneAt: Date.now(),
        revalidate,
        value: value && pack(value),
        ...(!isFetch && { cacheControl: context.cacheControl }),
      };
      const tags = isFetch ? (context.tags ?? []) : tagsOf(entry);
      const ttl = isFetch ? ttlOfData(revalidate) : (context.cacheControl?.expire ?? MAX_TTL);
      await kv.store<StoredResponse>(this.#nameOf(kv, kind, key), entry, tags, ttl);
    } catch (error) {
      report(`What Next made for ${key} cannot be stored`, error);
    }
  }

  async revalidateTag(tags: string | readonly string[], durations?: Durations): Promise<void> {
    const kv = this.#open();
    if (kv === undefined) return (await this.#nextsOwn()).revalidateTag(tags, durations);
    await kv.invalidate(typeof tags === "string" ? [tags] : tags, durations);
  }

  resetRequestCache(): void {}

  #open(): NextKV | undefined {
    return this.#isWanted ? openNextKV() : undefined;
  }

  #nextsOwn(): Promise<ResponseHandler> {
    return (this.#own ??= ownResponses(this.#context));
  }

  /** Next's keys of pages are paths, which the next build has as well; those of data and images say what they are of. */
  #nameOf(kv: NextKV, kind: string | undefined, key: string): string {
    if (kind === "FETCH") return kv.nameOf("fetch", key);
    if (kind === "IMAGE") return kv.nameOf("image", key);
    return kv.nameOf(`page:${buildIdOf(this.#context.serverDistDir)}`, key);
  }
}

function tagsOf({ value }: Pick<StoredResponse, "value">): readonly string[] {
  const headers = value?.plain["headers"] as Record<string, unknown> | undefined;
  const header = headers?.[TAGS_HEADER];
  return typeof header === "string" ? header.split(",") : [];
}

function ttlOfData(revalidate: Seconds | false): Seconds {
  return revalidate === false ? MAX_TTL : Math.max(LEAST_TTL_OF_DATA, 2 * revalidate);
}

function valueOf({ entry, isStale }: Found<StoredResponse>): HandlerValue | Promise<HandlerValue | null> {
  const { doneAt, cacheControl } = entry;
  const value = entry.value && (unpack(entry.value) as ResponseValue);
  const found = { lastModified: doneAt, value, ...(cacheControl && { cacheControl }) };
  return isStale ? markStale(found) : found;
}
