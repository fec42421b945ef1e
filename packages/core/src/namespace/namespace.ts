/**
 * The namespaces: what a caller of `KV` calls. Each call is checked here, answered from pending writes if they decide
 * it, and otherwise passed to reads and writes.
 * It may import every folder below.
 *
 * @module
 */
import { checkGetOptions, checkManyType, decode, type CheckedGetOptions } from "../seam/decode.ts";
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
} from "../seam/kv-namespace.ts";
import { clear } from "./clear.ts";
import { ENTRIES, entryAsIs, isBytes, VALUES, wantedOf, type ResultsByType } from "./entries.ts";
import { MAX_BULK_GET_KEYS } from "../seam/limits.ts";
import { FLOW, JOIN_FLOW, type Flow } from "../seam/flow.ts";
import { GET_WITH_EXPIRATION } from "../seam/get-with-expiration.ts";
import { Listing } from "./listing.ts";
import { LOOK_AND_DELETE, type LookAndDelete } from "../seam/look-and-delete.ts";
import { NamespaceApi } from "../requests/namespace-api.ts";
import { PendingCount } from "../time/pending-count.ts";
import type { Presence, PresenceOptions } from "../seam/presence.ts";
import { READ_BYTES, type ReadBytesOptions } from "../seam/read-bytes.ts";
import { ReadRequests, type Described } from "../reads/read-requests.ts";
import { ReadYourWrites, type ReadOptions } from "./read-your-writes.ts";
import { Reads } from "../reads/reads.ts";
import { closedError, type Requests } from "../requests/requests.ts";
import { newStats, type KVStats } from "../contract/stats.ts";
import { UNLISTED_KEYS } from "../seam/unlisted-keys.ts";
import { StoreBuffer } from "../writes/store-buffer.ts";
import { storedPresence } from "../reads/stored-presence.ts";
import { Steps } from "../seam/steps.ts";
import { CALL_OPTIONS, checkKey, checkKeys, checkListOptions, checkOptionNames } from "../seam/validate.ts";
import { presentIn } from "../writes/write.ts";
import { WITHDRAWAL, type Withdrawable, type Withdrawal } from "../seam/withdrawal.ts";
import { WriteRequests } from "../writes/write-requests.ts";
import { Writes } from "../writes/writes.ts";

/** One namespace over REST: checks arguments, and passes calls on. */
export class RestNamespace implements KV {
  readonly #requests: Requests;
  readonly #batches: Reads;
  readonly #writes: Writes;
  readonly #reads: ReadYourWrites;
  readonly #listing: Listing;
  readonly #presence: Presence;
  readonly #stats: KVStats = newStats();
  readonly #api: NamespaceApi;
  /** Calls that may still ask or write more. */
  readonly #running: PendingCount = new PendingCount();
  readonly #leaveGate: () => void;
  readonly #onClose: () => Promise<void>;
  #closed: Promise<void> | undefined;

  /** @param buffer Of its writes; it may have been another one's of the same namespace, which is closed. */
  constructor(
    requests: Requests,
    id: () => string,
    onClose: () => Promise<void>,
    buffer: StoreBuffer = new StoreBuffer(requests),
  ) {
    this.#requests = requests;
    this.#api = new NamespaceApi(requests, id, this.#running, this.#stats);
    const send = new ReadRequests(this.#api);
    this.#batches = new Reads(requests, send, this.#stats);
    this.#writes = new Writes(requests, new WriteRequests(this.#api), this.#stats, buffer);
    this.#reads = new ReadYourWrites(this.#batches, send, this.#writes, requests.settings, this.#running, this.#stats);
    this.#listing = new Listing(this.#api);
    this.#presence = storedPresence(send, this.#batches, this.#stats);
    this.#leaveGate = requests.gate.add(this.#batches, this.#writes);
    this.#onClose = onClose;
  }

  static {
    // A computed name of a method has no declaration.
    Object.defineProperty(this.prototype, GET_WITH_EXPIRATION, {
      value(this: RestNamespace, key: string, _type: "arrayBuffer", options?: Withdrawable) {
        return this.#getWithExpiration(key, options?.[WITHDRAWAL]);
      },
    });
    Object.defineProperty(this.prototype, READ_BYTES, {
      value(this: RestNamespace, key: string, options: ReadBytesOptions) {
        return this.#readBytes(key, options);
      },
    });
    Object.defineProperty(this.prototype, JOIN_FLOW, {
      value(this: RestNamespace, key: string, flow: Flow) {
        this.#batches.joinFlow(key, flow);
      },
    });
    Object.defineProperty(this.prototype, UNLISTED_KEYS, {
      value(this: RestNamespace, prefix: string) {
        return this.#writes.unlisted(prefix);
      },
    });
    Object.defineProperty(this.prototype, LOOK_AND_DELETE, {
      value(this: RestNamespace, key: string, look?: PresenceOptions) {
        return this.#lookAndDelete(key, look);
      },
    });
  }

  // Calls of one key, of which many may wait, return the promise that waits. If these functions awaited it, each call
  // would keep a second promise, and the function, for as long as it waits: a third of its memory.

  get(keyOrKeys: string | string[], given?: any): Promise<any> {
    return this.#get(keyOrKeys, given, false, VALUES);
  }

  getWithMetadata(keyOrKeys: string | string[], given?: any): Promise<any> {
    return this.#get(keyOrKeys, given, true, ENTRIES);
  }

  put(key: string, value: KVValue, options: KVPutOptions = {}): Promise<void> {
    try {
      this.#checkOpen();
      checkKey(key);
      return this.#writes.put(key, value, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  delete(key: string, options: KVCallOptions = {}): Promise<void> {
    try {
      this.#checkOpen();
      checkKey(key);
      checkOptionNames("delete", options, CALL_OPTIONS);
      return this.#writes.delete(key, options);
    } catch (error) {
      return Promise.reject(error);
    }
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
    return (await this.#reads.metadata(key, options))?.metadata ?? null;
  }

  /** What {@link Presence} asks: `null` if the API says that the key does not exist. */
  async findMetadata(key: string, options: KVCallOptions = {}): Promise<Described | null> {
    this.#checkOpen();
    checkKey(key);
    this.#stats.readKeys++;
    return this.#reads.metadata(key, options);
  }

  /** For an adapter whose `delete` reports whether the key existed: {@link LOOK_AND_DELETE}. */
  #lookAndDelete(key: string, look: PresenceOptions | undefined): LookAndDelete {
    this.#checkOpen();
    checkKey(key);
    // What is being written is what will be there, and nobody needs to look.
    if (this.#reads.isPending(key)) {
      const before = this.#writes.isBeingCleared(key) ? undefined : this.#writes.underWay(key);
      return { looked: Promise.resolve(before ? presentIn(before) : null), deleted: this.#writes.delete(key, {}) };
    }
    // Whatever becomes of the look, there is time left for the delete.
    const deadline = Math.min(look?.deadline ?? Number.POSITIVE_INFINITY, this.#requests.settings.deadline / 2);
    const looked = this.#running.during(this.#presence.find(key, () => true, { deadline }));
    return { looked, deleted: this.#writes.deleteAfter(looked, key) };
  }

  /** What a cache asks that wants bytes: {@link GET_WITH_EXPIRATION}. */
  async #getWithExpiration(
    key: string,
    withdrawal: Withdrawal | undefined,
  ): Promise<Pick<KVEntry<ArrayBuffer>, "value" | "expiration">> {
    this.#checkOpen();
    checkKey(key);
    const wanted = { key, metadata: false, bytes: true, binary: true, expiration: true, withdrawal };
    return this.#reads.one(wanted, {}, (_, found) => {
      if (found === null) return { value: null };
      const value = decode(key, found.value, "arrayBuffer") as ArrayBuffer;
      return found.expiration === undefined ? { value } : { value, expiration: found.expiration };
    });
  }

  /** What a proxy asks: {@link READ_BYTES}. */
  async #readBytes(key: string, options: ReadBytesOptions): Promise<KVEntry<string | ArrayBuffer>> {
    this.#checkOpen();
    checkKey(key);
    const { metadata, cacheTtl, [FLOW]: flow, [WITHDRAWAL]: withdrawal, ...call } = options;
    const wanted = { key, metadata, bytes: true, expiration: true, cacheTtl, flow, asIs: true, withdrawal };
    return this.#reads.one(wanted, call, (_, found) => entryAsIs(found));
  }

  async *keys(options: KVPrefixOptions = {}): AsyncGenerator<KVListKey<any>> {
    this.#checkOpen();
    const prefix = checkPrefix("keys", options);
    for await (const page of this.#listing.pages(prefix, new Steps(options), () => this.#checkOpen())) {
      // `yield*` would await every key once more, a quarter of a listing's CPU.
      for (const key of page) yield key;
    }
  }

  async *entries(options: Partial<KVEntriesOptions<any>> = {}): AsyncGenerator<KVListEntry<any, any>> {
    this.#checkOpen();
    const { type = "text", ...rest } = options;
    checkGetOptions({ type });
    if (type === "stream") throw new KVError("KV_INVALID", "entries() returns text, json or arrayBuffer, not stream.");
    const prefix = checkPrefix("entries", rest);
    const steps = new Steps(rest);
    for await (const page of this.#listing.pages(prefix, steps, () => this.#checkOpen())) {
      for (let start = 0; start < page.length; start += MAX_BULK_GET_KEYS) {
        const part = page.slice(start, start + MAX_BULK_GET_KEYS);
        this.#checkOpen();
        const names = part.map(({ name }) => name);
        const read = steps.next((left) => this.#reads.many(names, false, isBytes(type), left));
        const found = await this.#running.during(read);
        for (const listed of part) {
          const entry = found.get(listed.name);
          if (entry) yield { ...listed, value: decode(listed.name, entry.value, type) };
        }
      }
    }
  }

  async clear(options: KVPrefixOptions = {}): Promise<number> {
    this.#checkOpen();
    const prefix = checkPrefix("clear", options);
    if ("prefix" in options && options.prefix === undefined) {
      throw new KVError("KV_INVALID", "clear got an undefined prefix. To delete all keys, leave prefix out.");
    }
    return this.#running.during(clear(prefix, this.#writes, this.#listing, options));
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

  async #close(): Promise<void> {
    this.#batches.hurry();
    this.#writes.hurry();
    await this.#running.atMost(0);
    await Promise.all([this.#batches.drained(), this.#writes.drained()]);
    this.#leaveGate();
    await this.#onClose();
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError();
    // Fails early if the account or the namespace is missing.
    this.#api.path();
    this.#requests.checkAccount();
  }

  #get(keyOrKeys: string | string[], given: any, metadata: boolean, results: ResultsByType): Promise<unknown> {
    try {
      this.#checkOpen();
      const options = checkGetOptions(given);
      // The caller may use the array again.
      if (Array.isArray(keyOrKeys)) return this.#getMany([...keyOrKeys], options, metadata, results);
      const key = keyOrKeys;
      const { type } = options;
      checkKey(key);
      if (type === "stream")
        return metadata ? this.#getStreamWithMetadata(key, options) : this.#getStream(key, options);
      return this.#reads.one(wantedOf(key, metadata, options), options, results[type]);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #getMany(
    keys: string[],
    options: CheckedGetOptions,
    metadata: boolean,
    results: ResultsByType,
  ): Promise<Map<string, unknown>> {
    const { type } = options;
    checkKeys(keys);
    checkManyType(type);
    const found = await this.#running.during(this.#reads.many(keys, metadata, false, options));
    const toResult = results[type];
    return new Map(keys.map((key) => [key, toResult(key, found.get(key) ?? null)]));
  }

  async #getStream(key: string, options: ReadOptions): Promise<KVStream | null> {
    this.#stats.readKeys++;
    return (await this.#reads.stream(key, options))?.value ?? null;
  }

  async #getStreamWithMetadata(key: string, options: ReadOptions): Promise<KVEntry<KVStream>> {
    this.#stats.readKeys++;
    return entryAsIs(await this.#reads.streamWithMetadata(key, options));
  }
}

function checkPrefix(where: string, options: KVPrefixOptions): string {
  checkOptionNames(where, options, ["prefix", ...CALL_OPTIONS]);
  return checkListOptions({ prefix: options.prefix ?? null }).prefix;
}
