import type { Seconds } from "@kvplug/core/seam";
import type { StoredResponse } from "./entry.ts";
import {
  TAGS_HEADER,
  type Durations,
  type GetContext,
  type HandlerValue,
  type ResponseHandler,
  type ResponseValue,
  type SetContext,
} from "./next-contract.ts";
import { MAX_TTL, type Found, type Making, type NextKV } from "./next-kv.ts";
import { pack, unpack, type Packed } from "./packed.ts";
import { report } from "./report.ts";
import { pastItsTime, withTimes } from "./times.ts";

/** Data that is past its time is served until it is fetched anew, so it has to be there for longer. */
const LEAST_TTL_OF_DATA: Seconds = 86_400;

/**
 * Pages, answers of route handlers, images and the data of `fetch` and `unstable_cache`, in KV, for one request. It never
 * rejects.
 */
export class KVResponses implements ResponseHandler {
  readonly #kv: NextKV;
  readonly #build: string;
  /** What is being made for the request that this is of. */
  readonly #makings: Map<string, Making> = new Map();

  /** @param build The id of the build: pages of another one are others. */
  constructor(kv: NextKV, build: string) {
    this.#kv = kv;
    this.#build = build;
  }

  async get(key: string, { kind, tags = [], softTags = [] }: GetContext): Promise<HandlerValue | null> {
    const askedWith = kind === "FETCH" ? [...tags, ...softTags] : [];
    const name = this.#nameOf(kind, key);
    const found = await this.#kv.find(name, { askedWith, tagsOf, valueOf });
    // If Next makes it anew, this is when that began. Images have no tags, and one handler for all requests.
    if (kind !== "IMAGE" && !this.#makings.has(name)) this.#makings.set(name, this.#kv.beginMaking(askedWith));
    return found === undefined ? null : withTimes(key, found);
  }

  async set(key: string, value: ResponseValue | null, context: SetContext): Promise<void> {
    const { fetchCache = false, cacheControl, tags = [] } = context;
    const name = this.#nameOf(fetchCache ? "FETCH" : value?.kind, key);
    const making = this.#makings.get(name) ?? this.#kv.making(undefined);
    this.#makings.delete(name);
    try {
      const stored = { doneAt: Date.now(), value: value && pack(value) };
      if (fetchCache) {
        const revalidate = value?.revalidate ?? false;
        const ttl = revalidate === false ? MAX_TTL : Math.max(LEAST_TTL_OF_DATA, 2 * revalidate);
        await this.#kv.store<StoredResponse>(name, { ...stored, revalidate }, tags, making, ttl);
      } else {
        // An image tells its time itself.
        const revalidate = cacheControl?.revalidate ?? value?.revalidate ?? false;
        const entry = { ...stored, revalidate, ...(cacheControl && { cacheControl }) };
        await this.#kv.store<StoredResponse>(name, entry, tagsOf(stored), making, cacheControl?.expire ?? MAX_TTL);
      }
    } catch (error) {
      report(`What Next made for ${key} cannot be stored`, error);
    }
  }

  async revalidateTag(tags: string | readonly string[], durations?: Durations): Promise<void> {
    await this.#kv.invalidate(typeof tags === "string" ? [tags] : tags, durations);
  }

  resetRequestCache(): void {}

  /** Next's keys of pages are paths, which the next build has as well; those of data and images say what they are of. */
  #nameOf(kind: string | undefined, key: string): string {
    if (kind === "FETCH") return this.#kv.nameOf("fetch", key);
    if (kind === "IMAGE") return this.#kv.nameOf("image", key);
    return this.#kv.nameOf(`page:${this.#build}`, key);
  }
}

function tagsOf({ value }: Pick<StoredResponse, "value">): readonly string[] {
  const headers = value?.plain["headers"] as Record<string, unknown> | undefined;
  const header = headers?.[TAGS_HEADER];
  return typeof header === "string" ? header.split(",") : [];
}

/** What was unpacked already, for as long as the entry is remembered. Next hands out one value to many as well. */
const unpacked = new WeakMap<Packed, ResponseValue>();

function unpackOnce(packed: Packed): ResponseValue {
  const known = unpacked.get(packed);
  if (known !== undefined) return known;
  const value = unpack(packed) as ResponseValue;
  unpacked.set(packed, value);
  return value;
}

function valueOf({ entry, isStale }: Found<StoredResponse>): HandlerValue {
  const { doneAt, cacheControl } = entry;
  const value = entry.value === null ? null : unpackOnce(entry.value);
  const found = { lastModified: doneAt, value, ...(cacheControl && { cacheControl }) };
  return isStale ? pastItsTime(found) : found;
}
