import {
  CALL_OPTIONS,
  checkGetOptions,
  checkKey,
  checkKeys,
  checkListOptions,
  checkManyType,
  checkOptionNames,
  KVError,
  LOOK_AND_DELETE,
  looksAndDeletes,
  READ_BYTES,
  UNLISTED_KEYS,
  markUnlisted,
  type KVCallOptions,
  type KVEntry,
  type KVListOptions,
  type KVListResult,
  type KVNamespace,
  type KVPutOptions,
  type KVValue,
  type KVValueType,
  type LookAndDelete,
  type LookingDeleter,
  type ReadBytesOptions,
} from "@kvplug/core/seam";
import type { CachedKV, CachePutOptions, WrapOptions } from "./cached-kv.ts";
import { Circuit } from "./circuit.ts";
import { entryOf, MISSING, presentIn, valueOf, wantOf, type Content, type Want } from "./content.ts";
import { Copies } from "./copies.ts";
import { Flights } from "./flights.ts";
import type { Freshness } from "./freshness.ts";
import type { Send } from "./held-keys.ts";
import { Invalidations } from "./invalidations.ts";
import type { CacheSettings, CacheTagsOptions } from "./options.ts";
import { lookThenDelete } from "./look-then-delete.ts";
import { Outstanding } from "./outstanding.ts";
import { PendingWrites } from "./pending-writes.ts";
import { after, Puts } from "./puts.ts";
import { ReadThrough, type ReadCall } from "./read-through.ts";
import { Rounds } from "./rounds.ts";
import { newCounts, type CacheCounts, type CacheStats } from "./stats.ts";
import { Streams } from "./streams.ts";
import { Tagging } from "./tagging.ts";
import { KVTags, type InvalidateOptions } from "./tags/kv-tags.ts";
import { TAG_STORE, type TagStore, type TagInvalidations } from "./tags/tag-store.ts";
import { checkCall, within } from "./waiting.ts";
import { Wraps } from "./wraps.ts";
import { WriteThrough } from "./write-through.ts";

const TEXT: KVCallOptions & { type: KVValueType } = Object.freeze({ type: "text" });
const WANT_TEXT: Want = wantOf("text", false);
const WANT_ENTRY: Want = wantOf("text", true);

/** A namespace behind an LRU cache: checks what it is given, hands reads to where they belong, and writes through. */
export class CachedNamespace<Backend extends KVNamespace<any>> implements CachedKV<Backend> {
  readonly backend: Backend;
  readonly #settings: CacheSettings;
  readonly #counts: CacheCounts = newCounts();
  readonly #copies: Copies;
  readonly #reads: ReadThrough;
  readonly #writes: WriteThrough;
  readonly #puts: Puts;
  readonly #streams: Streams;
  readonly #wraps: Wraps;
  readonly #invalidations: Invalidations;
  /** What `close` waits for: writes, and reads and values that are made. */
  readonly #writing: Outstanding = new Outstanding();
  readonly #reading: Outstanding = new Outstanding();
  readonly #tagging: Tagging | undefined;
  readonly #onTags: ((invalidations: TagInvalidations) => void)[] = [];
  #closed: Promise<void> | undefined;

  constructor(backend: Backend, settings: CacheSettings) {
    this.backend = backend;
    this.#settings = settings;
    Object.defineProperty(this, TAG_STORE, { value: this.#tagStore() });
    const rounds = new Rounds();
    const tagging = settings.tags && this.#keepTags(settings.tags, rounds);
    this.#tagging = tagging;
    const copies = new Copies(settings, this.#counts, tagging);
    this.#copies = copies;
    const circuit = new Circuit(settings.circuit);
    const pending = new PendingWrites((key) => copies.drop(key));
    const keep = (key: string, content: Content): void => copies.keepRead(key, content);
    const flights = new Flights(backend, circuit, this.#counts, this.#reading, keep, tagging);
    this.#reads = new ReadThrough(settings, this.#counts, pending, copies, circuit, flights, tagging);
    const parts = {
      pending,
      copies,
      derived: [flights.underWay, rounds.underWay],
      publish: (key: string) => this.#invalidations.publishKeys([key]),
    };
    this.#writes = new WriteThrough(parts, settings.deadline);
    this.#puts = new Puts(backend, this.#writes, this.#writing, (method) => this.#taggingFor(method));
    this.#streams = new Streams(backend, this.#reads, tagging);
    const namespace = {
      read: (key: string) => this.#reads.one(key, WANT_ENTRY, {}),
      store: (key: string, json: string, options: KVPutOptions, freshness: Freshness) =>
        this.#puts.store(key, json, options, freshness),
      taggingFor: (method: string) => this.#taggingFor(method),
      isStale: (content: Content) => tagging?.isStale(content) === true,
    };
    this.#wraps = new Wraps(settings, this.#counts, namespace, rounds, this.#reading);
    this.#invalidations = new Invalidations(settings.bus, this.#counts, this.#writes, this.#onTags);
    // As its backend does, or not at all.
    if (looksAndDeletes(backend)) {
      Object.defineProperty(this, LOOK_AND_DELETE, {
        value: (key: string, look?: Pick<KVCallOptions, "deadline">) => this.#lookAndDelete(backend, key, look),
      });
    }
  }

  static {
    // A computed name of a method has no declaration.
    Object.defineProperty(this.prototype, READ_BYTES, {
      value(this: CachedNamespace<any>, key: string, asked: ReadBytesOptions) {
        return this.#readBytes(key, asked);
      },
    });
    Object.defineProperty(this.prototype, UNLISTED_KEYS, {
      value(this: CachedNamespace<any>, prefix: string) {
        return markUnlisted(this.backend, prefix);
      },
    });
  }

  async get(keyOrKeys: string | string[], given?: any): Promise<any> {
    // The commonest read goes first and alone: whatever else an async function may do, each call of it pays for.
    if (given === undefined && typeof keyOrKeys === "string") {
      this.#checkOpen();
      const known = this.#reads.known(keyOrKeys, WANT_TEXT);
      if (known !== undefined) return typeof known.data === "string" ? known.data : valueOf(keyOrKeys, known, "text");
    }
    return this.#get(keyOrKeys, given);
  }

  async getWithMetadata(keyOrKeys: string | string[], given?: any): Promise<any> {
    const options = given === undefined ? TEXT : checkGetOptions(given);
    const { type } = options;
    if (typeof keyOrKeys !== "string") return this.#getMany(keyOrKeys, true, options, entryOf);
    if (type === "stream") return this.#stream(keyOrKeys, true, options);
    const content = this.#read(keyOrKeys, wantOf(type, true), options);
    return entryOf(keyOrKeys, content instanceof Promise ? await content : content, type);
  }

  async put(key: string, value: KVValue, options: CachePutOptions = {}): Promise<void> {
    this.#checkOpen();
    await this.#puts.put(key, value, options);
  }

  async delete(key: string, options: KVCallOptions = {}): Promise<void> {
    this.#checkOpen();
    checkKey(key);
    checkOptionNames("delete", options, CALL_OPTIONS);
    checkCall(options);
    // A Worker's type knows no options here, and its binding does not mind them.
    const { backend } = this as { backend: KVNamespace };
    const terms = this.#writes.isHeld(key) ? { ...options } : options;
    await this.#write(key, MISSING, (waited) => backend.delete(key, after(waited, terms)), options);
  }

  async list(options: KVListOptions = {}): Promise<KVListResult<any>> {
    this.#checkOpen();
    checkListOptions(options);
    return this.backend.list(options);
  }

  async wrap<Value>(key: string, factory: () => Value | Promise<Value>, options: WrapOptions = {}): Promise<Value> {
    this.#checkOpen();
    return this.#wraps.wrap(key, factory, options) as Promise<Value>;
  }

  getOrSet<Value>(key: string, factory: () => Value | Promise<Value>, options: WrapOptions = {}): Promise<Value> {
    return this.wrap(key, factory, options);
  }

  invalidate(what: string | readonly string[] | { readonly prefix: string }): void {
    this.#invalidations.invalidate(what);
  }

  async invalidateTags(tags: readonly string[], options: InvalidateOptions = {}): Promise<void> {
    this.#checkOpen();
    await this.#writing.add(this.#taggingFor("invalidateTags").tags.invalidate(tags, options));
  }

  clearLocal(): void {
    this.#writes.forgetPrefix("");
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
    // What runs ends, and what it makes is stored; what takes longer is not waited for, and not stored.
    await within(this.#settings.deadline, this.#reading.none());
    this.#writes.overtakeAll();
    await this.#writing.none();
    this.#invalidations.leave();
    await (this.backend as { close?(): Promise<void> }).close?.();
  }

  async #get(keyOrKeys: string | string[], given: any): Promise<unknown> {
    const options = given === undefined ? TEXT : checkGetOptions(given);
    const { type } = options;
    if (typeof keyOrKeys !== "string") return this.#getMany(keyOrKeys, false, options, valueOf);
    if (type === "stream") return this.#stream(keyOrKeys, false, options);
    const content = this.#read(keyOrKeys, wantOf(type, false), options);
    return valueOf(keyOrKeys, content instanceof Promise ? await content : content, type);
  }

  /** What is known of a key at once, or what the backend tells. */
  #read(key: string, want: Want, options: ReadCall): Content | Promise<Content> {
    this.#checkOpen();
    checkCall(options);
    return this.#reads.one(key, want, options);
  }

  async #getMany<Found>(
    given: string[],
    metadata: boolean,
    options: ReadCall & { type: KVValueType },
    handOut: (key: string, content: Content, type: KVValueType) => Found,
  ): Promise<Map<string, Found>> {
    const { type } = options;
    this.#checkOpen();
    checkKeys(given);
    checkManyType(type);
    checkCall(options);
    // The caller may use its array again.
    const keys = [...given];
    const contents = await this.#reads.many(keys, wantOf(type, metadata), options);
    return new Map(keys.map((key, i) => [key, handOut(key, contents[i]!, type)]));
  }

  async #stream(key: string, metadata: boolean, options: KVCallOptions): Promise<unknown> {
    this.#checkOpen();
    checkKey(key);
    checkCall(options);
    return this.#streams.open(key, metadata, options);
  }

  /** For who passes it on: the copy itself. */
  async #readBytes(key: string, { metadata, ...call }: ReadBytesOptions): Promise<KVEntry<string | ArrayBuffer>> {
    const content = await this.#read(key, wantOf("arrayBuffer", metadata), call);
    return { ...entryOf(key, { ...content, data: null }, "text"), value: content.data };
  }

  /** A copy tells what was there; else the backend looks. */
  #lookAndDelete(
    backend: Backend & LookingDeleter,
    key: string,
    look: Pick<KVCallOptions, "deadline"> = {},
  ): LookAndDelete {
    this.#checkOpen();
    checkKey(key);
    const known = this.#reads.known(key, WANT_ENTRY);
    if (known !== undefined) return { looked: Promise.resolve(presentIn(known)), deleted: this.delete(key) };
    return lookThenDelete(backend, key, look, (send) => this.#write(key, MISSING, send, {}), this.#tagging);
  }

  #write(key: string, content: Content | undefined, send: Send, call: KVCallOptions): Promise<void> {
    return this.#writing.add(this.#writes.write(key, content, send, call));
  }

  /** Works while the cache closes: pending reads may need it. */
  #tagStore(): TagStore {
    return {
      known: (key) => this.#reads.peek(key),
      read: async (keys, call) =>
        (await this.#reads.many(keys, WANT_TEXT, call)).map((content, i) => textOf(keys[i]!, content)),
      write: (key, text, expirationTtl) => this.#puts.putRecord(key, text, { expirationTtl }),
      publish: (tags) => this.#invalidations.publishTags(tags),
      subscribe: (listener) => void this.#onTags.push(listener),
    };
  }

  #keepTags(options: CacheTagsOptions, rounds: Rounds): Tagging {
    return new Tagging(new KVTags(this, { ...options, onInvalidated: (records) => rounds.overtakeTags(records) }));
  }

  #taggingFor(method: string): Tagging {
    if (this.#tagging) return this.#tagging;
    throw new KVError(
      "KV_INVALID",
      `${method} with tags needs a cache with the option tags: pass withCache { tags: true }.`,
    );
  }
}

function textOf(key: string, content: Content): string | null {
  return valueOf(key, content, "text") as string | null;
}
