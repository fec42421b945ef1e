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
  LOOK_AND_DELETE,
  looksAndDeletes,
  type KVCallOptions,
  type KVEntry,
  type KVListOptions,
  type KVListResult,
  type KVNamespace,
  type KVPresent,
  type KVPutOptions,
  type KVStream,
  type KVValue,
  type KVValueType,
  type LookAndDelete,
  type LookingDeleter,
  type Milliseconds,
  type WholeValue,
} from "@kvplug/core/seam";
import type { CachedKV, WrapOptions } from "./cached-kv.ts";
import { Circuit } from "./circuit.ts";
import { entryOf, MISSING, presentIn, valueOf, wantOf, type Content, type Want } from "./content.ts";
import { Copies } from "./copies.ts";
import { Flights } from "./flights.ts";
import type { Freshness } from "./freshness.ts";
import { Invalidations, publishInvalidation } from "./invalidations.ts";
import type { CacheSettings } from "./options.ts";
import { Outstanding } from "./outstanding.ts";
import { PendingWrites } from "./pending-writes.ts";
import { ReadThrough } from "./read-through.ts";
import { Rounds } from "./rounds.ts";
import { newCounts, type CacheCounts, type CacheStats } from "./stats.ts";
import { checkCall, waitFor, within } from "./waiting.ts";
import { Wraps } from "./wraps.ts";
import { WriteThrough, type Send } from "./write-through.ts";

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
  readonly #wraps: Wraps;
  readonly #invalidations: Invalidations;
  /** What `close` waits for: writes, and reads and values that are made. */
  readonly #writing: Outstanding = new Outstanding();
  readonly #reading: Outstanding = new Outstanding();
  #closed: Promise<void> | undefined;

  constructor(backend: Backend, settings: CacheSettings) {
    this.backend = backend;
    this.#settings = settings;
    const copies = new Copies(settings, this.#counts);
    this.#copies = copies;
    const circuit = new Circuit(settings.circuit);
    const pending = new PendingWrites((key) => copies.drop(key));
    const flights = new Flights(backend, circuit, this.#counts, this.#reading, (key, content) =>
      copies.keepRead(key, content),
    );
    const rounds = new Rounds();
    this.#reads = new ReadThrough(settings, this.#counts, pending, copies, circuit, flights);
    const parts = {
      pending,
      copies,
      derived: [flights.underWay, rounds.underWay],
      publish: (key: string) => this.#invalidations.publishKeys([key]),
    };
    this.#writes = new WriteThrough(parts, settings.deadline);
    const namespace = {
      read: (key: string) => this.#reads.one(key, WANT_ENTRY, {}),
      store: (key: string, json: string, options: KVPutOptions, freshness: Freshness) =>
        this.#store(key, json, options, freshness),
    };
    this.#wraps = new Wraps(settings, this.#counts, namespace, rounds, this.#reading);
    this.#invalidations = new Invalidations(settings.bus, this.#counts, this.#writes);
    // As its backend does, or not at all.
    if (looksAndDeletes(backend)) {
      Object.defineProperty(this, LOOK_AND_DELETE, {
        value: (key: string, look?: Pick<KVCallOptions, "deadline">) => this.#lookAndDelete(backend, key, look),
      });
    }
  }

  async get(keyOrKeys: string | string[], given?: any): Promise<any> {
    // The commonest read goes first and alone: whatever else an async function may do, each call of it pays for.
    if (given === undefined && typeof keyOrKeys === "string") {
      this.#checkOpen();
      const known = this.#reads.known(keyOrKeys, WANT_TEXT);
      if (known !== undefined) return valueOf(keyOrKeys, known, "text");
    }
    return this.#get(keyOrKeys, given);
  }

  async getWithMetadata(keyOrKeys: string | string[], given?: any): Promise<any> {
    const options = given === undefined ? TEXT : checkGetOptions(given);
    const { type } = options;
    if (typeof keyOrKeys !== "string") return this.#getMany(keyOrKeys, true, options, entryOf);
    if (type === "stream") {
      return this.#stream(keyOrKeys, true, options, entryOf, () =>
        this.backend.getWithMetadata(keyOrKeys, { ...options, type }),
      );
    }
    const content = this.#read(keyOrKeys, wantOf(type, true), options);
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
            described: true,
            metadata,
            expiration: expirationTtl === undefined ? expiration : Math.floor(now / 1000) + expirationTtl,
          };
    checkCall(options);
    // Where it is not sent in this turn, the caller may have used its bytes and objects again by then.
    const isHeld = this.#writes.isHeld(key);
    const sent = isHeld ? (content?.data ?? value) : value;
    const terms = isHeld ? { ...options, metadata: metadata && JSON.parse(metadata) } : options;
    await this.#write(key, content, (waited) => this.backend.put(key, sent, after(waited, terms)), options);
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
    if (typeof what === "string" || Array.isArray(what)) {
      const keys: readonly string[] = typeof what === "string" ? [what] : what;
      checkKeys(keys);
      for (const key of keys) this.#writes.forget(key);
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
    this.#writes.forgetPrefix(prefix);
    this.#invalidations.publishPrefix(prefix);
    publishInvalidation(false, undefined, prefix);
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
    if (type === "stream") {
      return this.#stream(keyOrKeys, false, options, valueOf, () => this.backend.get(keyOrKeys, { ...options, type }));
    }
    const content = this.#read(keyOrKeys, wantOf(type, false), options);
    return valueOf(keyOrKeys, content instanceof Promise ? await content : content, type);
  }

  /** What is known of a key at once, or what the backend tells. */
  #read(key: string, want: Want, options: KVCallOptions): Content | Promise<Content> {
    this.#checkOpen();
    checkCall(options);
    return this.#reads.one(key, want, options);
  }

  async #getMany<Found>(
    given: string[],
    metadata: boolean,
    options: KVCallOptions & { type: KVValueType },
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

  /** A stream of what is known; whatever else streams passes through. */
  async #stream(
    key: string,
    metadata: boolean,
    options: KVCallOptions,
    handOut: (key: string, content: Content, type: "stream") => unknown,
    ask: () => Promise<unknown>,
  ): Promise<unknown> {
    this.#checkOpen();
    checkKey(key);
    checkCall(options);
    const known = this.#reads.known(key, wantOf("stream", metadata));
    if (known !== undefined) return handOut(key, known, "stream");
    const opening = ask();
    return waitFor(key, opening, this.#reads.patienceOf(options)).catch((error: unknown) => {
      // Nobody will read what comes later.
      opening.then(cancel).catch(() => {});
      throw error;
    });
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
    const { promise: looked, resolve, reject } = Promise.withResolvers<KVPresent | null>();
    const send = (): Promise<void> => {
      const sent = backend[LOOK_AND_DELETE](key, look);
      sent.looked.then(resolve, reject);
      return sent.deleted;
    };
    const deleted = this.#write(key, MISSING, send, {});
    // It may not have come to a look.
    deleted.catch(reject);
    return { looked, deleted };
  }

  #write(key: string, content: Content | undefined, send: Send, call: KVCallOptions): Promise<void> {
    return this.#writing.add(this.#writes.write(key, content, send, call));
  }

  /** Stores a value that `wrap` made. */
  #store(key: string, json: string, options: KVPutOptions, freshness: Freshness): Promise<void> {
    const { expirationTtl, metadata } = checkPutOptions(key, options, Date.now());
    checkValue(key, json);
    const expiration = Math.floor(Date.now() / 1000) + expirationTtl!;
    const content: Content = { data: json, exact: true, described: true, metadata, expiration, freshness };
    return this.#writing.add(this.#writes.store(key, content, () => this.backend.put(key, json, options)));
  }
}

/** A copy: the caller may use its buffer again. */
function dataOf({ data }: WholeValue): string | ArrayBuffer {
  return typeof data === "string" ? data : new Uint8Array(data).buffer;
}

/** The terms of a write that waited before it was sent. */
function after<Options extends KVCallOptions>(waited: Milliseconds, options: Options): Options {
  const { deadline } = options;
  return waited === 0 || deadline === undefined ? options : { ...options, deadline: Math.max(1, deadline - waited) };
}

/** Cancels a stream, or that of an entry. */
async function cancel(opened: unknown): Promise<void> {
  const stream = (opened as Partial<KVEntry<KVStream>> | null)?.value ?? (opened as KVStream | null);
  await stream?.cancel?.();
}
