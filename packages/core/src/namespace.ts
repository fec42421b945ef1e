import { decode, checkGetOptions } from "./decode.ts";
import { KVError } from "./errors.ts";
import type { KV, KVEntriesOptions, KVListEntry, KVPair, KVPrefixOptions } from "./kv.ts";
import type { KVCallOptions, KVEntry, KVListKey, KVListOptions, KVListResult, KVPutOptions, KVValue, KVValueType } from "./kv-namespace.ts";
import { MAX_BULK_GET_KEYS, MAX_BULK_KEYS } from "./limits.ts";
import { Listing } from "./listing.ts";
import type { Settings } from "./options.ts";
import { Reads, type Found } from "./reads.ts";
import type { Requests } from "./request.ts";
import { checkKey, checkKeys, checkListOptions, checkOptionNames } from "./validate.ts";
import { Writes } from "./writes.ts";

/** One namespace over REST: checks what it is given, and hands it to where it belongs. */
export class RestNamespace implements KV {
  readonly #reads: Reads;
  readonly #writes: Writes;
  readonly #listing: Listing;
  readonly #onClose: () => Promise<void>;

  constructor(requests: Requests, id: () => string, settings: Settings, onClose: () => Promise<void>) {
    const path = (): string => `/${encodeURIComponent(id())}`;
    this.#reads = new Reads(requests, path);
    this.#writes = new Writes(requests, path, settings.retry);
    this.#listing = new Listing(requests, path);
    this.#onClose = onClose;
  }

  async get(keyOrKeys: string | string[], given?: any): Promise<any> {
    const { type, signal } = checkGetOptions(given);
    if (Array.isArray(keyOrKeys)) return this.#getMany(keyOrKeys, type, signal, false);
    const key = keyOrKeys;
    checkKey(key);
    if (type === "stream") return (await this.#reads.stream(key, signal))?.value ?? null;
    const raw = await (type === "arrayBuffer" ? this.#reads.bytes(key, signal) : this.#reads.text(key, signal));
    return raw === null ? null : decode(key, raw, type);
  }

  async getWithMetadata(keyOrKeys: string | string[], given?: any): Promise<any> {
    const { type, signal } = checkGetOptions(given);
    if (Array.isArray(keyOrKeys)) return this.#getMany(keyOrKeys, type, signal, true);
    const key = keyOrKeys;
    checkKey(key);
    if (type === "stream") {
      // The one read that takes two requests: only the value's own endpoint streams, and it tells no metadata.
      const [found, metadata] = await Promise.all([this.#reads.stream(key, signal), this.#reads.metadata(key, signal)]);
      return found === null ? NOTHING() : { ...found, metadata, cacheStatus: null };
    }
    return toEntry(key, (await this.#reads.many([key], true, signal)).get(key), type);
  }

  async #getMany(keys: string[], type: KVValueType, signal: AbortSignal | undefined, withMetadata: boolean): Promise<Map<string, unknown>> {
    checkKeys(keys);
    if (type !== "text" && type !== "json") {
      throw new KVError("KV_INVALID", `get(keys) hands out text or json, not ${type}. Get such keys one by one.`);
    }
    const found = await this.#reads.many(keys, withMetadata, signal);
    return new Map(
      keys.map((key) => {
        const entry = toEntry(key, found.get(key), type);
        return [key, withMetadata ? entry : entry.value];
      }),
    );
  }

  async put(key: string, value: KVValue, options: KVPutOptions = {}): Promise<void> {
    checkKey(key);
    await this.#writes.put(key, value, options);
  }

  async delete(key: string, options: KVCallOptions = {}): Promise<void> {
    checkKey(key);
    checkOptionNames("delete", options, CALL_OPTIONS);
    await this.#writes.delete(key, options);
  }

  async list(options: KVListOptions = {}): Promise<KVListResult<any>> {
    return this.#listing.page({ ...checkListOptions(options), signal: options.signal });
  }

  async putMany(pairs: Iterable<KVPair> | AsyncIterable<KVPair>, options: KVCallOptions = {}): Promise<void> {
    checkOptionNames("putMany", options, CALL_OPTIONS);
    await this.#writes.putMany(pairs, options);
  }

  async deleteMany(keys: Iterable<string> | AsyncIterable<string>, options: KVCallOptions = {}): Promise<void> {
    checkOptionNames("deleteMany", options, CALL_OPTIONS);
    await this.#writes.deleteMany(keys, options);
  }

  async getMetadata(key: string, options: KVCallOptions = {}): Promise<any> {
    checkKey(key);
    checkOptionNames("getMetadata", options, CALL_OPTIONS);
    return this.#reads.metadata(key, options.signal);
  }

  async *keys(options: KVPrefixOptions = {}): AsyncGenerator<KVListKey<any>> {
    const { prefix, signal } = checkPrefixOptions("keys", options);
    for await (const page of this.#listing.pages(prefix, signal)) yield* page;
  }

  async *entries(options: Partial<KVEntriesOptions<any>> = {}): AsyncGenerator<KVListEntry<any, any>> {
    const { type = "text", ...rest } = options;
    checkGetOptions({ type });
    if (type === "stream") throw new KVError("KV_INVALID", "entries() hands out text, json or arrayBuffer, not stream.");
    const { prefix, signal } = checkPrefixOptions("entries", rest);
    for await (const page of this.#listing.pages(prefix, signal)) {
      for (let start = 0; start < page.length; start += MAX_BULK_GET_KEYS) {
        const part = page.slice(start, start + MAX_BULK_GET_KEYS);
        const found = await this.#reads.many(part.map(({ name }) => name), false, signal);
        for (const listed of part) {
          const entry = found.get(listed.name);
          if (entry) yield { ...listed, value: decode(listed.name, entry.value, type) };
        }
      }
    }
  }

  async clear(options: KVPrefixOptions = {}): Promise<number> {
    const { prefix, signal } = checkPrefixOptions("clear", options);
    let count = 0;
    let names: string[] = [];
    const flush = async (): Promise<void> => {
      await this.#writes.deleteMany(names, { signal });
      count += names.length;
      names = [];
    };
    for await (const page of this.#listing.pages(prefix, signal)) {
      for (const { name } of page) names.push(name);
      if (names.length >= MAX_BULK_KEYS) await flush();
    }
    if (names.length > 0) await flush();
    return count;
  }

  async close(): Promise<void> {
    await this.#onClose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

const CALL_OPTIONS = ["signal"] as const;

const NOTHING = (): KVEntry<never, never> => ({ value: null, metadata: null, cacheStatus: null });

function toEntry(key: string, found: Found | undefined, type: KVValueType): KVEntry<unknown> {
  if (found === undefined) return NOTHING();
  return { ...found, metadata: found.metadata ?? null, value: decode(key, found.value, type), cacheStatus: null };
}

function checkPrefixOptions(where: string, options: KVPrefixOptions): { prefix: string; signal: AbortSignal | undefined } {
  checkOptionNames(where, options, ["prefix", "signal"]);
  return { prefix: checkListOptions({ prefix: options.prefix ?? null }).prefix, signal: options.signal };
}
