/**
 * The namespaces: what a caller of `KV` calls.
 * Each call is checked here, answered from what is being written where that decides, and else handed to reads and writes.
 * It may touch every room below.
 *
 * @module
 */
import { checkGetOptions, checkManyType, decode, type CheckedGetOptions, type Found } from "../seam/decode.ts";
import { KVError } from "../seam/errors.ts";
import type { KV, KVEntriesOptions, KVListEntry, KVPair, KVPrefixOptions } from "../contract/kv.ts";
import type {
  KVCallOptions,
  KVEntry,
  KVListKey,
  KVListOptions,
  KVListResult,
  KVPutOptions,
  KVStream,
  KVValue,
  KVValueType,
} from "../seam/kv-namespace.ts";
import { MAX_BULK_GET_KEYS, MAX_BULK_KEYS } from "../seam/limits.ts";
import { flowOf } from "../seam/flow.ts";
import { GET_WITH_EXPIRATION } from "../seam/get-with-expiration.ts";
import { Listing } from "./listing.ts";
import { LOOK_AND_DELETE, type LookAndDelete } from "../seam/look-and-delete.ts";
import { NamespaceApi } from "../requests/namespace-api.ts";
import { PendingCount } from "../time/pending-count.ts";
import type { Overtaking } from "../writes/overtakings.ts";
import type { Presence, PresenceOptions } from "../seam/presence.ts";
import { ReadRequests, type Described, type Wanted } from "../reads/read-requests.ts";
import { Reads } from "../reads/reads.ts";
import { closedError, type Requests } from "../requests/requests.ts";
import { newStats, type KVStats } from "../contract/stats.ts";
import { READ_BYTES, type ReadBytesOptions } from "../seam/read-bytes.ts";
import { storedPresence } from "../reads/stored-presence.ts";
import { Steps } from "../seam/steps.ts";
import { CALL_OPTIONS, checkKey, checkKeys, checkListOptions, checkOptionNames } from "../seam/validate.ts";
import { foundIn, presentIn } from "../writes/write.ts";
import { WriteRequests } from "../writes/write-requests.ts";
import { Writes } from "../writes/writes.ts";

type ReadOptions = Omit<CheckedGetOptions, "type">;

/** One namespace over REST: checks what it is given, and hands it to where it belongs. */
export class RestNamespace implements KV {
  readonly #requests: Requests;
  readonly #single: ReadRequests;
  readonly #reads: Reads;
  readonly #writes: Writes;
  readonly #listing: Listing;
  readonly #presence: Presence;
  readonly #stats: KVStats = newStats();
  readonly #api: NamespaceApi;
  /** Calls that may still ask or write more. */
  readonly #running: PendingCount = new PendingCount();
  readonly #leaveGate: () => void;
  readonly #onClose: () => Promise<void>;
  #closed: Promise<void> | undefined;

  constructor(requests: Requests, id: () => string, onClose: () => Promise<void>) {
    this.#requests = requests;
    this.#api = new NamespaceApi(requests, id, this.#stats);
    this.#single = new ReadRequests(this.#api);
    this.#reads = new Reads(requests, this.#single, this.#stats);
    this.#writes = new Writes(requests, new WriteRequests(this.#api), this.#stats);
    this.#listing = new Listing(this.#api);
    this.#presence = storedPresence(this.#single, this.#reads, this.#stats);
    this.#leaveGate = requests.gate.add(this.#reads, this.#writes);
    this.#onClose = onClose;
  }

  static {
    // A computed name of a method has no declaration.
    Object.defineProperty(this.prototype, GET_WITH_EXPIRATION, {
      value(this: RestNamespace, key: string) {
        return this.#getWithExpiration(key);
      },
    });
    Object.defineProperty(this.prototype, READ_BYTES, {
      value(this: RestNamespace, key: string, options: ReadBytesOptions) {
        return this.#readBytes(key, options);
      },
    });
    Object.defineProperty(this.prototype, LOOK_AND_DELETE, {
      value(this: RestNamespace, key: string, look?: PresenceOptions) {
        return this.#lookAndDelete(key, look);
      },
    });
  }

  async get(keyOrKeys: string | string[], given?: any): Promise<any> {
    this.#checkOpen();
    const options = checkGetOptions(given);
    const { type } = options;
    if (Array.isArray(keyOrKeys)) {
      // The caller may use the array again.
      const keys = [...keyOrKeys];
      const found = await this.#getMany(keys, type, options, false);
      return new Map(keys.map((key) => [key, valueOf(key, found.get(key), type)]));
    }
    const key = keyOrKeys;
    checkKey(key);
    if (type === "stream") {
      this.#stats.readKeys++;
      return (await this.#getStream(key, options))?.value ?? null;
    }
    return valueOf(key, await this.#getOne(key, false, type, options), type);
  }

  async getWithMetadata(keyOrKeys: string | string[], given?: any): Promise<any> {
    this.#checkOpen();
    const options = checkGetOptions(given);
    const { type } = options;
    if (Array.isArray(keyOrKeys)) {
      const keys = [...keyOrKeys];
      const found = await this.#getMany(keys, type, options, true);
      return new Map(keys.map((key) => [key, entryOf(key, found.get(key), type)]));
    }
    const key = keyOrKeys;
    checkKey(key);
    if (type !== "stream") return entryOf(key, await this.#getOne(key, true, type, options), type);
    this.#stats.readKeys++;
    // The one read that takes two requests: only the value's own endpoint streams, and it tells no metadata.
    const stream = this.#getStream(key, options);
    const [found, about] = await Promise.all([stream, this.#findMetadata(key, options)]).catch((error: unknown) => {
      // Nobody will read it.
      stream.then((opened) => opened?.value.cancel()).catch(() => {});
      throw error;
    });
    return found === null
      ? { value: null, metadata: null, cacheStatus: null }
      : { ...found, metadata: about?.metadata ?? null, cacheStatus: null };
  }

  async put(key: string, value: KVValue, options: KVPutOptions = {}): Promise<void> {
    this.#checkOpen();
    checkKey(key);
    await this.#writes.put(key, value, options);
  }

  async delete(key: string, options: KVCallOptions = {}): Promise<void> {
    this.#checkOpen();
    checkKey(key);
    checkOptionNames("delete", options, CALL_OPTIONS);
    await this.#writes.delete(key, options);
  }

  async list(options: KVListOptions = {}): Promise<KVListResult<any>> {
    this.#checkOpen();
    return this.#listing.page(checkListOptions(options), options);
  }

  async putMany(pairs: Iterable<KVPair> | AsyncIterable<KVPair>, options: KVCallOptions = {}): Promise<void> {
    this.#checkOpen();
    checkOptionNames("putMany", options, CALL_OPTIONS);
    await this.#running.during(this.#writes.putMany(pairs, options));
  }

  async deleteMany(keys: Iterable<string> | AsyncIterable<string>, options: KVCallOptions = {}): Promise<void> {
    this.#checkOpen();
    checkOptionNames("deleteMany", options, CALL_OPTIONS);
    await this.#running.during(this.#writes.deleteMany(keys, options));
  }

  async getMetadata(key: string, options: KVCallOptions = {}): Promise<any> {
    this.#checkOpen();
    checkKey(key);
    checkOptionNames("getMetadata", options, CALL_OPTIONS);
    this.#stats.readKeys++;
    return (await this.#findMetadata(key, options))?.metadata ?? null;
  }

  /** What {@link Presence} asks: `null` where the API says that there is no such key. */
  async findMetadata(key: string, options: KVCallOptions = {}): Promise<Described | null> {
    this.#checkOpen();
    checkKey(key);
    this.#stats.readKeys++;
    return this.#findMetadata(key, options);
  }

  /** What an adapter calls whose `delete` tells whether the key was there: {@link LOOK_AND_DELETE}. */
  #lookAndDelete(key: string, look: PresenceOptions | undefined): LookAndDelete {
    this.#checkOpen();
    checkKey(key);
    // What is being written is what will be there, and nobody needs to look.
    if (this.#isPending(key)) {
      const before = this.#writes.isBeingCleared(key) ? undefined : this.#writes.underWay(key);
      return { looked: Promise.resolve(before ? presentIn(before) : null), deleted: this.#writes.delete(key, {}) };
    }
    // Whatever becomes of the look, there is time left for the delete.
    const deadline = Math.min(look?.deadline ?? Number.POSITIVE_INFINITY, this.#requests.settings.deadline / 2);
    const looked = this.#running.during(this.#presence.find(key, () => true, { deadline }));
    return { looked, deleted: this.#writes.deleteAfter(looked, key) };
  }

  /** What a cache asks that wants bytes: {@link GET_WITH_EXPIRATION}. */
  async #getWithExpiration(key: string): Promise<Pick<KVEntry<ArrayBuffer>, "value" | "expiration">> {
    this.#checkOpen();
    checkKey(key);
    const found = await this.#find({ key, metadata: false, bytes: true, binary: true, expiration: true }, {});
    if (found === null) return { value: null };
    const value = decode(key, found.value, "arrayBuffer") as ArrayBuffer;
    return found.expiration === undefined ? { value } : { value, expiration: found.expiration };
  }

  /** What a proxy asks: {@link READ_BYTES}. */
  async #readBytes(key: string, options: ReadBytesOptions): Promise<KVEntry<ArrayBuffer>> {
    this.#checkOpen();
    checkKey(key);
    const { metadata, cacheTtl, ...call } = options;
    const found = await this.#find(
      { key, metadata, bytes: true, expiration: true, cacheTtl, flow: flowOf(options) },
      call,
    );
    return entryOf(key, found, "arrayBuffer") as KVEntry<ArrayBuffer>;
  }

  async *keys(options: KVPrefixOptions = {}): AsyncGenerator<KVListKey<any>> {
    this.#checkOpen();
    for await (const page of this.#listing.pages(checkPrefix("keys", options), new Steps(options))) {
      yield* page;
      this.#checkOpen();
    }
  }

  async *entries(options: Partial<KVEntriesOptions<any>> = {}): AsyncGenerator<KVListEntry<any, any>> {
    this.#checkOpen();
    const { type = "text", ...rest } = options;
    checkGetOptions({ type });
    if (type === "stream")
      throw new KVError("KV_INVALID", "entries() hands out text, json or arrayBuffer, not stream.");
    const prefix = checkPrefix("entries", rest);
    const steps = new Steps(rest);
    for await (const page of this.#listing.pages(prefix, steps)) {
      for (let start = 0; start < page.length; start += MAX_BULK_GET_KEYS) {
        const part = page.slice(start, start + MAX_BULK_GET_KEYS);
        this.#checkOpen();
        const names = part.map(({ name }) => name);
        const read = steps.next((left) => this.#findMany(names, false, type === "arrayBuffer", left));
        const found = await this.#running.during(read);
        for (const listed of part) {
          const entry = found.get(listed.name);
          if (entry) yield { ...listed, value: decode(listed.name, entry.value, type) };
        }
      }
      this.#checkOpen();
    }
  }

  async clear(options: KVPrefixOptions = {}): Promise<number> {
    this.#checkOpen();
    const prefix = checkPrefix("clear", options);
    if ("prefix" in options && options.prefix === undefined) {
      throw new KVError("KV_INVALID", "clear was given a prefix that is undefined. To delete all keys, leave it out.");
    }
    return this.#running.during(this.#clear(prefix, options));
  }

  stats(): KVStats {
    return { ...this.#stats };
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #clear(prefix: string, options: KVPrefixOptions): Promise<number> {
    const steps = new Steps(options);
    // What is put from now on stays.
    const overtaking = this.#writes.overtaking(prefix);
    // What is still being written is in no listing; what is being deleted may fail to be.
    let names = new Set<string>();
    const deleted: string[] = [];
    for (const { key, put } of this.#writes.allUnderWay(prefix)) {
      if (put) names.add(key);
      else deleted.push(key);
    }
    let count = 0;
    const flush = async (): Promise<void> => {
      const found = names;
      names = new Set();
      count += await this.#deleteUnlessPut(found, overtaking, steps);
    };
    try {
      await this.#deleteUnlessPut(deleted, overtaking, steps);
      for await (const page of this.#listing.pages(prefix, steps)) {
        for (const { name } of page) names.add(name);
        if (names.size >= MAX_BULK_KEYS) await flush();
      }
      await flush();
    } finally {
      overtaking.end();
    }
    return count;
  }

  /** Deletes keys, save those that were put since some work began. Returns how many. */
  async #deleteUnlessPut(names: Iterable<string>, overtaking: Overtaking, steps: Steps): Promise<number> {
    const deleted: string[] = [];
    const later: string[] = [];
    for (const name of names) {
      if (overtaking.has(name)) continue;
      const write = this.#writes.underWay(name);
      (write && overtaking.isLater(write) ? later : deleted).push(name);
    }
    if (deleted.length > 0) await steps.next((left) => this.#writes.deleteMany(deleted, left));
    if (later.length === 0) return deleted.length;
    // A later put may still fail, and leave what was there before.
    await steps.next((left) => Promise.all(later.map((name) => this.#writes.settled(name, left))));
    return deleted.length + (await this.#deleteUnlessPut(later, overtaking, steps));
  }

  async #close(): Promise<void> {
    this.#reads.hurry();
    this.#writes.hurry();
    await this.#running.atMost(0);
    await Promise.all([this.#reads.drained(), this.#writes.drained()]);
    this.#leaveGate();
    await this.#onClose();
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError();
    // What is not known is told before anything waits for it.
    this.#api.path();
    this.#requests.checkAccount();
  }

  /** Whether what was called before decides what a read of this key finds. */
  #isPending(key: string): boolean {
    return this.#writes.underWay(key) !== undefined || this.#writes.isBeingCleared(key);
  }

  /** What a write of this key that is not confirmed yet will leave there, or a `clear()`; `undefined` where there is none. */
  async #underWay(key: string, steps: Steps): Promise<Found | null | undefined> {
    for (;;) {
      if (this.#writes.isBeingCleared(key)) return null;
      const write = this.#writes.underWay(key);
      if (write === undefined) return undefined;
      const found = foundIn(write);
      if (found !== undefined) return found;
      await steps.next((left) => this.#writes.settled(key, left));
    }
  }

  #getOne(key: string, metadata: boolean, type: KVValueType, options: ReadOptions): Promise<Found | null> {
    const bytes = type === "arrayBuffer";
    const { cacheTtl, flow } = options;
    return this.#find({ key, metadata, bytes, binary: bytes, cacheTtl, flow }, options);
  }

  #find(wanted: Wanted, options: KVCallOptions): Promise<Found | null> {
    return this.#isPending(wanted.key)
      ? this.#running.during(this.#getWritten(wanted, options))
      : this.#reads.one(wanted, options);
  }

  async #getWritten(wanted: Wanted, options: KVCallOptions): Promise<Found | null> {
    options.signal?.throwIfAborted();
    const steps = this.#stepsOf(options);
    const found = await this.#underWay(wanted.key, steps);
    if (found === undefined) return steps.next((left) => this.#reads.one(wanted, left));
    this.#stats.readKeys++;
    this.#stats.sharedReads++;
    return found;
  }

  async #getStream(key: string, options: ReadOptions): Promise<Found<KVStream> | null> {
    options.signal?.throwIfAborted();
    const steps = this.#stepsOf(options);
    const found = await this.#underWay(key, steps);
    if (found === undefined) {
      return steps.next((left) => this.#single.stream(key, { ...left, cacheTtl: options.cacheTtl }));
    }
    this.#stats.sharedReads++;
    return found && { ...found, value: decode(key, found.value, "stream") as KVStream };
  }

  async #findMetadata(key: string, options: ReadOptions): Promise<Described | null> {
    options.signal?.throwIfAborted();
    const steps = this.#stepsOf(options);
    const found = await this.#underWay(key, steps);
    return found === undefined ? steps.next((left) => this.#single.metadataAlone(key, left)) : found;
  }

  /** A read that waits for a write, and then asks, does both within its deadline. */
  #stepsOf({ signal, deadline = this.#requests.settings.deadline }: KVCallOptions): Steps {
    return new Steps({ signal, deadline });
  }

  #getMany(keys: string[], type: KVValueType, options: ReadOptions, metadata: boolean): Promise<Map<string, Found>> {
    checkKeys(keys);
    checkManyType(type);
    return this.#running.during(this.#findMany(keys, metadata, false, options));
  }

  async #findMany(
    keys: readonly string[],
    metadata: boolean,
    bytes: boolean,
    options: ReadOptions,
  ): Promise<Map<string, Found>> {
    const { cacheTtl, flow } = options;
    const steps = this.#stepsOf(options);
    const written = new Map<string, Found>();
    const wanted: Wanted[] = [];
    for (const key of new Set(keys)) {
      const found = this.#isPending(key) ? await this.#underWay(key, steps) : undefined;
      if (found === undefined) {
        wanted.push({ key, metadata, bytes, binary: bytes, cacheTtl, flow });
        continue;
      }
      this.#stats.readKeys++;
      this.#stats.sharedReads++;
      if (found) written.set(key, found);
    }
    const read = await steps.next((left) => this.#reads.many(wanted, left));
    for (const [key, found] of written) read.set(key, found);
    return read;
  }
}

function valueOf(key: string, found: Found | null | undefined, type: KVValueType): unknown {
  return found ? decode(key, found.value, type) : null;
}

function entryOf(key: string, found: Found | null | undefined, type: KVValueType): KVEntry<unknown> {
  if (!found) return { value: null, metadata: null, cacheStatus: null };
  return { ...found, metadata: found.metadata ?? null, value: decode(key, found.value, type), cacheStatus: null };
}

function checkPrefix(where: string, options: KVPrefixOptions): string {
  checkOptionNames(where, options, ["prefix", ...CALL_OPTIONS]);
  return checkListOptions({ prefix: options.prefix ?? null }).prefix;
}
