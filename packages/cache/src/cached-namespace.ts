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
import { Circuit, isOutage } from "./circuit.ts";
import { entryOf, MISSING, valueOf, type Content } from "./content.ts";
import { Copies, type Copy } from "./copies.ts";
import { events } from "./events.ts";
import { Flights } from "./flights.ts";
import { Invalidations, publishInvalidation } from "./invalidations.ts";
import type { CacheSettings } from "./options.ts";
import { PendingWrites } from "./pending-writes.ts";
import { newCounts, type CacheCounts, type CacheStats } from "./stats.ts";
import { checkCall, waitFor, within } from "./waiting.ts";
import { Wraps } from "./wraps.ts";

const TEXT: KVCallOptions & { type: KVValueType } = Object.freeze({ type: "text" });

/** A namespace behind an LRU cache. Reads look among the writes under way, then among the copies, then ask the backend. */
export class CachedNamespace<Backend extends KVNamespace<any>> implements CachedKV<Backend> {
  readonly backend: Backend;
  readonly #settings: CacheSettings;
  readonly #counts: CacheCounts = newCounts();
  readonly #copies: Copies;
  readonly #pending: PendingWrites = new PendingWrites();
  readonly #circuit: Circuit;
  readonly #flights: Flights;
  readonly #wraps: Wraps;
  readonly #invalidations: Invalidations;
  #closed: Promise<void> | undefined;

  constructor(backend: Backend, settings: CacheSettings) {
    this.backend = backend;
    this.#settings = settings;
    this.#copies = new Copies(settings, this.#counts);
    this.#circuit = new Circuit(settings.circuit);
    this.#flights = new Flights(backend, this.#circuit, this.#counts, (key, content) =>
      this.#copies.keepRead(key, content),
    );
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

  /** What is known of a key at once, or what the backend tells. */
  #read(key: string, bytes: boolean, options: KVCallOptions): Content | Promise<Content> {
    this.#checkOpen();
    checkCall(options);
    const known = this.#known(key, bytes);
    if (known !== undefined) {
      this.#hit(key);
      return known;
    }
    checkKey(key);
    return this.#ask(key, bytes, options);
  }

  async #readMany(keys: string[], type: KVValueType, options: KVCallOptions): Promise<Content[]> {
    this.#checkOpen();
    checkKeys(keys);
    checkManyType(type);
    checkCall(options);
    const contents = new Map<string, Content>();
    const missing: string[] = [];
    for (const key of new Set(keys)) {
      const known = this.#known(key, false);
      if (known === undefined) missing.push(key);
      else {
        contents.set(key, known);
        this.#hit(key);
      }
    }
    if (missing.length > 0) {
      const found = await waitFor(missing[0]!, Promise.all(this.#askMany(missing)), options);
      missing.forEach((key, i) => contents.set(key, found[i]!));
    }
    return keys.map((key) => contents.get(key)!);
  }

  /** What needs no asking: a write under way, or a fresh copy. */
  #known(key: string, bytes: boolean): Content | undefined {
    if (!this.#pending.none) {
      const write = this.#pending.last(key);
      if (write !== undefined) return write.content;
    }
    const copy = this.#copies.get(key);
    return copy !== undefined && Date.now() < copy.freshUntil && serves(copy, bytes) ? copy : undefined;
  }

  #ask(key: string, bytes: boolean, options: KVCallOptions): Content | Promise<Content> {
    const stale = this.#stale(key, bytes);
    if (stale !== undefined && this.#circuit.open) return this.#serveStale(key, stale, "circuit");
    if (stale !== undefined && this.#isRevalidated(stale)) {
      if (!this.#flights.has(key, bytes)) this.#refresh(key, this.#flights.one(key, bytes));
      return this.#serveStale(key, stale, "revalidating");
    }
    this.#miss(key);
    const found = this.#flights.one(key, bytes);
    return waitFor(key, stale === undefined ? found : this.#orStale(key, found, stale), options);
  }

  /** As {@link #ask} for each, with one call of the backend for all that must be asked for. */
  #askMany(keys: readonly string[]): Promise<Content>[] {
    const cold: string[] = [];
    const refreshed: string[] = [];
    for (const key of keys) {
      const stale = this.#stale(key, false);
      if (stale === undefined || !(this.#circuit.open || this.#isRevalidated(stale))) cold.push(key);
      else if (!this.#circuit.open && !this.#flights.has(key, false)) refreshed.push(key);
    }
    const found = this.#flights.many([...cold, ...refreshed]);
    refreshed.forEach((key, i) => this.#refresh(key, found[cold.length + i]!));
    const flights = new Map(cold.map((key, i) => [key, found[i]!]));
    return keys.map((key) => {
      const flight = flights.get(key);
      if (flight === undefined) return Promise.resolve(this.#ask(key, false, {}));
      this.#miss(key);
      const stale = this.#stale(key, false);
      return stale === undefined ? flight : this.#orStale(key, flight, stale);
    });
  }

  /** A copy that is past its time, and may still be handed out for want of a better one. */
  #stale(key: string, bytes: boolean): Copy | undefined {
    const copy = this.#copies.get(key);
    return copy !== undefined && Date.now() < copy.usableUntil && serves(copy, bytes) ? copy : undefined;
  }

  #isRevalidated({ freshUntil }: Copy): boolean {
    return Date.now() < freshUntil + this.#settings.staleWhileRevalidate;
  }

  /** Nobody waits for it. */
  #refresh(key: string, flight: Promise<Content>): void {
    flight.catch((error: unknown) => {
      this.#counts.errors++;
      if (events.hasSubscribers) events.publish({ type: "error", during: "refresh", key, error });
    });
  }

  /** What is found, or the stale copy where the backend fails or is slow and `staleIfError` allows it. */
  async #orStale(key: string, found: Promise<Content>, stale: Copy): Promise<Content> {
    const { staleIfError, fetchTimeout } = this.#settings;
    if (Date.now() >= stale.freshUntil + staleIfError) return found;
    try {
      if (fetchTimeout === undefined) return await found;
      return (await within(fetchTimeout, found)) ?? this.#serveStale(key, stale, "slow");
    } catch (error) {
      if (!isOutage(error)) throw error;
      return this.#serveStale(key, stale, "error");
    }
  }

  #serveStale(key: string, stale: Copy, why: "revalidating" | "error" | "slow" | "circuit"): Content {
    this.#counts.stale++;
    if (events.hasSubscribers) events.publish({ type: "stale", key, why });
    return stale;
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
    const known = this.#known(key, true);
    if (known === undefined) return ask();
    this.#hit(key);
    return handOut(key, known, "stream");
  }

  #hit(key: string): void {
    this.#counts.hits++;
    if (events.hasSubscribers) events.publish({ type: "hit", key });
  }

  #miss(key: string): void {
    this.#counts.misses++;
    if (events.hasSubscribers) events.publish({ type: "miss", key });
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

/** Text that was read may stand for bytes that are none, so it serves nobody who wants bytes. */
function serves({ exact }: Content, bytes: boolean): boolean {
  return exact || !bytes;
}

/** A copy: the caller may use its buffer again. */
function dataOf({ data }: WholeValue): string | ArrayBuffer {
  return typeof data === "string" ? data : new Uint8Array(data).buffer;
}
