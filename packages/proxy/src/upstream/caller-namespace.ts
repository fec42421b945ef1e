import {
  FLOW,
  KVError,
  MOST_BYTES,
  READ_BYTES,
  checkGetOptions,
  decode,
  isKVError,
  waitAtMost,
} from "@kvplug/core/seam";
import type {
  BytesReader,
  GivenGetOptions,
  InFlow,
  KVBulkError,
  KVCallOptions,
  KVEntry,
  KVListOptions,
  KVListResult,
  KVPutOptions,
  KVValue,
  Milliseconds,
  Seconds,
} from "@kvplug/core/seam";
import { listParts } from "@kvplug/server/access";
import type { KeyScope } from "@kvplug/server/access";
import { MAX_BULK_GET_BYTES } from "@kvplug/server/routes";
import type { KVPair, StoreNamespace } from "@kvplug/server/routes";
import type { Terms } from "../terms.ts";
import type { OpenNamespace, OpenNamespaces } from "./open-namespaces.ts";
import { toApiError } from "./upstream-error.ts";

/**
 * A namespace of upstream's as one request may use it. Whole values pass, and no streams: what is streamed shares no
 * request.
 */
export class CallerNamespace implements StoreNamespace {
  readonly #all: OpenNamespaces;
  readonly #id: string;
  readonly #scope: KeyScope | undefined;
  readonly #terms: Terms;
  /** How much of the deadline is over before the first call. */
  #waited: Milliseconds = 0;

  /** @param scope `undefined` for one who may see all keys. */
  constructor(all: OpenNamespaces, id: string, scope: KeyScope | undefined, terms: Terms) {
    this.#all = all;
    this.#id = id;
    this.#scope = scope;
    this.#terms = terms;
  }

  static {
    // A computed name of a method has no declaration.
    const read: BytesReader[typeof READ_BYTES] = function (this: CallerNamespace, key, { metadata }) {
      return this.#readBytes(key, metadata);
    };
    Object.defineProperty(this.prototype, READ_BYTES, { value: read });
  }

  async get(keys: any, options?: GivenGetOptions): Promise<any> {
    const found = await this.getWithMetadata(keys, options);
    if (!(found instanceof Map)) return found.value;
    return new Map([...found].map(([key, entry]) => [key, entry.value]));
  }

  async getWithMetadata(keys: string | string[], given?: GivenGetOptions): Promise<any> {
    const { type } = checkGetOptions(given);
    if (typeof keys === "string" && type === "arrayBuffer") {
      const { value, ...entry } = await this.#readBytes(keys, true);
      return { ...entry, value: value === null ? null : decode(keys, value, type) };
    }
    const asked = Array.isArray(keys) ? keys : [keys];
    for (const key of asked) this.#scope?.check(key);
    return this.#use<any>(({ kv, cached }) => {
      this.#refresh(cached, asked);
      const options = { ...this.#reading, type, [MOST_BYTES]: MAX_BULK_GET_BYTES };
      return (cached ?? kv).getWithMetadata(keys as any, options as any);
    });
  }

  async #readBytes(key: string, metadata: boolean): Promise<KVEntry<string | ArrayBuffer>> {
    this.#scope?.check(key);
    return this.#use(({ kv, cached }) => {
      this.#refresh(cached, [key]);
      return (cached ?? kv)[READ_BYTES](key, { ...this.#reading, metadata });
    });
  }

  put(key: string, value: KVValue, options: KVPutOptions = {}): Promise<void> {
    this.#scope?.check(key);
    return this.#use(({ kv, cached }) => (cached ?? kv).put(key, value, { ...options, ...this.#writing }));
  }

  delete(key: string): Promise<void> {
    this.#scope?.check(key);
    return this.#use(({ kv, cached }) =>
      cached === undefined ? kv.delete(key, this.#writing) : cached.delete(key, this.#writing),
    );
  }

  putMany(pairs: readonly KVPair[]): Promise<string[]> {
    for (const { key } of pairs) this.#scope?.check(key);
    return this.#use(({ kv, cached }) =>
      cached === undefined
        ? failedOf(kv.putMany(pairs, this.#writing), pairs.length)
        : failedOfEach(pairs, ({ key, value, ...options }) => cached.put(key, value, { ...options, ...this.#writing })),
    );
  }

  deleteMany(keys: readonly string[]): Promise<string[]> {
    for (const key of keys) this.#scope?.check(key);
    return this.#use(({ kv, cached }) =>
      cached === undefined
        ? failedOf(kv.deleteMany(keys, this.#writing), keys.length)
        : failedOfEach(
            keys.map((key) => ({ key })),
            ({ key }) => cached.delete(key, this.#writing),
          ),
    );
  }

  list<Metadata = unknown>(options: KVListOptions = {}): Promise<KVListResult<Metadata>> {
    const scope = this.#scope;
    const parts = scope?.partsOf(options.prefix ?? "");
    return this.#use(({ kv }) => {
      const list = (part: KVListOptions): Promise<any> => kv.list({ ...part, ...this.#writing });
      return parts === undefined ? list(options) : listParts<Metadata>({ list }, parts, options);
    });
  }

  get #reading(): KVCallOptions & InFlow & { cacheTtl?: Seconds } {
    const { cacheTtl } = this.#terms;
    return cacheTtl === undefined ? this.#writing : { ...this.#writing, cacheTtl };
  }

  get #writing(): KVCallOptions & InFlow {
    const { signal, flow } = this.#terms;
    return { deadline: this.#deadline, signal, [FLOW]: flow };
  }

  get #deadline(): Milliseconds {
    return Math.max(1, this.#terms.deadline - this.#waited);
  }

  /** Forgets what the cache holds of keys that are to be read anew. */
  #refresh(cached: OpenNamespace["cached"], keys: readonly string[]): void {
    if (this.#terms.isFresh) cached?.invalidate(keys);
  }

  async #use<Result>(work: (opened: OpenNamespace) => Promise<Result>): Promise<Result> {
    try {
      return await this.#all.use(this.#id, work, this.#waitFor);
    } catch (error) {
      throw toApiError(error);
    }
  }

  readonly #waitFor = async (closing: Promise<void>): Promise<void> => {
    const began = performance.now();
    const late = (_resolve: unknown, reject: (reason: unknown) => void): void => {
      const message = `The deadline of ${this.#terms.deadline} ms passed while reads of this namespace that were given up had no answer.`;
      reject(new KVError("KV_TIMEOUT", message));
    };
    try {
      await waitAtMost(closing, this.#deadline, late, this.#terms.signal);
    } finally {
      this.#waited += performance.now() - began;
    }
  };
}

/** The keys that a bulk write could not do. Where that is all of them, the reason says more than the keys. */
async function failedOf(written: Promise<void>, count: number): Promise<string[]> {
  try {
    await written;
    return [];
  } catch (error) {
    if (!isBulkError(error) || error.keys.length === count) throw isBulkError(error) ? error.cause : error;
    return [...error.keys];
  }
}

/** As {@link failedOf}, of writes that are made one by one. */
async function failedOfEach<Item extends { key: string }>(
  items: readonly Item[],
  write: (item: Item) => Promise<void>,
): Promise<string[]> {
  const results = await Promise.allSettled(items.map(write));
  const failed = items.filter((_, i) => results[i]!.status === "rejected");
  const [first] = results;
  if (first?.status === "rejected" && failed.length === items.length) throw first.reason;
  return failed.map(({ key }) => key);
}

function isBulkError(error: unknown): error is KVBulkError {
  return isKVError(error) && error.code === "KV_BULK";
}
