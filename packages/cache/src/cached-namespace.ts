import {
  CALL_OPTIONS,
  checkGetOptions,
  checkKey,
  checkKeys,
  checkListOptions,
  checkManyType,
  checkOptionNames,
  checkPutOptions,
  checkValue,
  describe,
  KVError,
  type KVCallOptions,
  type KVListOptions,
  type KVListResult,
  type KVNamespace,
  type KVPutOptions,
  type KVValue,
  type KVValueType,
  type WholeValue,
} from "@kvplug/core/seam";
import type { CachedKV, WrapOptions } from "./cached-kv.ts";
import { Circuit } from "./circuit.ts";
import { entryOf, MISSING, valueOf, type Content } from "./content.ts";
import { Copies } from "./copies.ts";
import { Flights } from "./flights.ts";
import { Invalidations, publishInvalidation } from "./invalidations.ts";
import type { CacheSettings } from "./options.ts";
import { PendingWrites } from "./pending-writes.ts";
import { ReadThrough } from "./read-through.ts";
import { newCounts, type CacheCounts, type CacheStats } from "./stats.ts";
import { checkCall, waitFor } from "./waiting.ts";
import { Wraps } from "./wraps.ts";

const TEXT: KVCallOptions & { type: KVValueType } = Object.freeze({ type: "text" });

/** A namespace behind an LRU cache: checks what it is given, hands reads to where they belong, and writes through. */
export class CachedNamespace<Backend extends KVNamespace<any>> implements CachedKV<Backend> {
  readonly backend: Backend;
  readonly #counts: CacheCounts = newCounts();
  readonly #copies: Copies;
  readonly #pending: PendingWrites = new PendingWrites();
  readonly #flights: Flights;
  readonly #reads: ReadThrough;
  readonly #wraps: Wraps;
  readonly #invalidations: Invalidations;
  #closed: Promise<void> | undefined;

  constructor(backend: Backend, settings: CacheSettings) {
    this.backend = backend;
    this.#copies = new Copies(settings, this.#counts);
    const circuit = new Circuit(settings.circuit);
    this.#flights = new Flights(backend, circuit, this.#counts, (key, content) => this.#copies.keepRead(key, content));
    this.#reads = new ReadThrough(settings, this.#counts, this.#pending, this.#copies, circuit, this.#flights);
    this.#wraps = new Wraps(settings, this.#counts, {
      read: (key) => this.#read(key, false, {}),
      put: (key, value, options) => this.put(key, value, options),
    });
    this.#invalidations = new Invalidations(settings.bus, this.#counts, {
      forget: (key) => this.#forget(key),
      forgetPrefix: (prefix) => this.#forgetPrefix(prefix),
    });
  }

  async get(keyOrKeys: string | string[], given?: any): Promise<any> {
    // The commonest read goes first and alone: whatever else an async function may do, each call of it pays for.
    if (given === undefined && typeof keyOrKeys === "string") {
      this.#checkOpen();
      const known = this.#reads.known(keyOrKeys, false);
      if (known !== undefined) return valueOf(keyOrKeys, known, "text");
    }
    return this.#get(keyOrKeys, given);
  }

  async getWithMetadata(keyOrKeys: string | string[], given?: any): Promise<any> {
    const options = given === undefined ? TEXT : checkGetOptions(given);
    const { type } = options;
    if (typeof keyOrKeys !== "string") {
      const contents = await this.#readMany(keyOrKeys, type, options);
      return new Map(keyOrKeys.map((key, i) => [key, entryOf(key, contents[i]!, type)]));
    }
    if (type === "stream") {
      return this.#stream(keyOrKeys, options, entryOf, () =>
        this.backend.getWithMetadata(keyOrKeys, { ...options, type }),
      );
    }
    const content = this.#read(keyOrKeys, type === "arrayBuffer", options);
    return entryOf(keyOrKeys, content instanceof Promise ? await content : content, type);
  }

  async put(key: string, value: KVValue, options: KVPutOptions = {}): Promise<void> {
    this.#checkOpen();
    checkKey(key);
    const now = Date.now();
    const { expiration, expirationTtl, metadata } = checkPutOptions(key, options, now);
    const known = checkValue(key, value);
    const content =
      "stream" in known
        ? undefined
        : {
            data: dataOf(known),
            exact: true,
            metadata,
            expiration: expirationTtl === undefined ? expiration : Math.floor(now / 1000) + expirationTtl,
          };
    checkCall(options);
    await this.#write(key, content, () => this.backend.put(key, value, options));
  }

  async delete(key: string, options: KVCallOptions = {}): Promise<void> {
    this.#checkOpen();
    checkKey(key);
    checkOptionNames("delete", options, CALL_OPTIONS);
    checkCall(options);
    // A Worker's type knows no options here, and its binding does not mind them.
    const { backend } = this as { backend: KVNamespace };
    await this.#write(key, MISSING, () => backend.delete(key, options));
  }

  async list(options: KVListOptions = {}): Promise<KVListResult<any>> {
    this.#checkOpen();
    checkListOptions(options);
    return this.backend.list(options);
  }

  wrap<Value>(key: string, factory: () => Value | Promise<Value>, options: WrapOptions = {}): Promise<Value> {
    return this.#wraps.wrap(key, factory, options) as Promise<Value>;
  }

  getOrSet<Value>(key: string, factory: () => Value | Promise<Value>, options: WrapOptions = {}): Promise<Value> {
    return this.wrap(key, factory, options);
  }

  invalidate(what: string | readonly string[] | { readonly prefix: string }): void {
    if (typeof what === "string" || Array.isArray(what)) {
      const keys: readonly string[] = typeof what === "string" ? [what] : what;
      checkKeys(keys);
      for (const key of keys) this.#forget(key);
      this.#invalidations.publishKeys(keys);
      publishInvalidation(false, keys);
      return;
    }
    const prefix = (what as { prefix?: unknown } | null)?.prefix;
    if (typeof prefix !== "string") {
      throw new KVError(
        "KV_INVALID",
        `invalidate takes a key, an array of keys, or { prefix: "user:" }, not ${describe(what)}.`,
      );
    }
    this.#forgetPrefix(prefix);
    this.#invalidations.publishPrefix(prefix);
    publishInvalidation(false, undefined, prefix);
  }

  clearLocal(): void {
    this.#flights.overtakePrefix("");
    this.#copies.clear();
  }

  stats(): CacheStats {
    return { ...this.#counts, entries: this.#copies.entries, bytes: this.#copies.bytes };
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw new KVError("KV_CLOSED", "This cache was closed. Create another one, or close it later.");
  }

  async #close(): Promise<void> {
    await this.#pending.settled();
    this.#invalidations.leave();
    await (this.backend as { close?(): Promise<void> }).close?.();
  }

  async #get(keyOrKeys: string | string[], given: any): Promise<unknown> {
    const options = given === undefined ? TEXT : checkGetOptions(given);
    const { type } = options;
    if (typeof keyOrKeys !== "string") {
      const contents = await this.#readMany(keyOrKeys, type, options);
      return new Map(keyOrKeys.map((key, i) => [key, valueOf(key, contents[i]!, type)]));
    }
    if (type === "stream") {
      return this.#stream(keyOrKeys, options, valueOf, () => this.backend.get(keyOrKeys, { ...options, type }));
    }
    const content = this.#read(keyOrKeys, type === "arrayBuffer", options);
    return valueOf(keyOrKeys, content instanceof Promise ? await content : content, type);
  }

  /** What is known of a key at once, or what the backend tells. */
  #read(key: string, bytes: boolean, options: KVCallOptions): Content | Promise<Content> {
    this.#checkOpen();
    checkCall(options);
    const content = this.#reads.one(key, bytes);
    return content instanceof Promise ? waitFor(key, content, options) : content;
  }

  async #readMany(keys: string[], type: KVValueType, options: KVCallOptions): Promise<Content[]> {
    this.#checkOpen();
    checkKeys(keys);
    checkManyType(type);
    checkCall(options);
    return waitFor(keys[0] ?? "", this.#reads.many(keys), options);
  }

  /** A stream of what is known; whatever else streams passes through. */
  async #stream(
    key: string,
    options: KVCallOptions,
    handOut: (key: string, content: Content, type: "stream") => unknown,
    ask: () => Promise<unknown>,
  ): Promise<unknown> {
    this.#checkOpen();
    checkKey(key);
    checkCall(options);
    const known = this.#reads.known(key, true);
    return known === undefined ? ask() : handOut(key, known, "stream");
  }

  /** Writes through: reads see it at once, and the copy changes when the backend confirmed it. */
  async #write(key: string, content: Content | undefined, send: () => Promise<void>): Promise<void> {
    const write = this.#pending.begin(key, content);
    this.#flights.overtake(key);
    // What a stream holds is not known here: until it is confirmed, only the backend can tell.
    if (content === undefined) this.#copies.drop(key);
    try {
      await send();
    } catch (error) {
      this.#pending.fail(write);
      // It may have taken effect all the same.
      this.#copies.dropRead(key);
      this.#invalidations.publishKeys([key]);
      throw error;
    }
    if (this.#pending.confirm(write)) {
      this.#flights.overtake(key);
      // Reads while a stream was on its way may have found what was there before.
      if (content === undefined) this.#copies.drop(key);
      else this.#copies.keepWritten(key, content);
    }
    this.#invalidations.publishKeys([key]);
  }

  #forget(key: string): void {
    this.#flights.overtake(key);
    this.#copies.drop(key);
  }

  #forgetPrefix(prefix: string): void {
    this.#flights.overtakePrefix(prefix);
    this.#copies.dropPrefix(prefix);
  }
}

/** A copy: the caller may use its buffer again. */
function dataOf({ data }: WholeValue): string | ArrayBuffer {
  return typeof data === "string" ? data : new Uint8Array(data).buffer;
}
