import { checkGetOptions } from "@kvplug/core/seam";
import type {
  GivenGetOptions,
  KVEntry,
  KVListOptions,
  KVListResult,
  KVNamespace,
  KVPutOptions,
  KVValue,
  Seconds,
} from "@kvplug/core/seam";
import { listParts } from "@kvplug/server/access";
import type { KeyScope } from "@kvplug/server/access";
import type { KVPair, StoreNamespace } from "@kvplug/server/routes";
import { asked, isTooFast, toApiError } from "./binding-errors.ts";
import { withinReach } from "./expiration.ts";
import { Operations } from "./operations.ts";

/** A KV binding as one request may use it. */
export class BoundNamespace implements StoreNamespace {
  readonly streams = true;
  readonly #kv: KVNamespace<any>;
  readonly #scope: KeyScope;
  readonly #cache: { cacheTtl?: Seconds };
  readonly #operations: Operations = new Operations();

  constructor(kv: KVNamespace<any>, scope: KeyScope, cacheTtl: Seconds | undefined) {
    this.#kv = kv;
    this.#scope = scope;
    this.#cache = cacheTtl === undefined ? {} : { cacheTtl };
  }

  async get(keys: any, options?: GivenGetOptions): Promise<any> {
    const found = await this.getWithMetadata(keys, options);
    if (!(found instanceof Map)) return found.value;
    return new Map([...found].map(([key, entry]) => [key, entry.value]));
  }

  async getWithMetadata(keys: string | string[], options?: GivenGetOptions): Promise<any> {
    if (Array.isArray(keys)) return this.#readMany(keys);
    this.#scope.check(keys);
    const { type } = checkGetOptions(options);
    return asked(this.#kv.getWithMetadata(keys, { type: type as "text", ...this.#cache }));
  }

  async put(key: string, value: KVValue, options: KVPutOptions = {}): Promise<void> {
    const within = withinReach(key, options);
    await this.#write(key, () => this.#kv.put(key, value, within));
  }

  async delete(key: string): Promise<void> {
    await this.#write(key, () => this.#kv.delete(key));
  }

  async putMany(pairs: readonly KVPair[]): Promise<string[]> {
    // All of them before any is written.
    const within = pairs.map((pair) => withinReach(pair.key, pair));
    return this.#writeMany(within, ({ key, value, ...options }) => this.#kv.put(key, value, options));
  }

  deleteMany(keys: readonly string[]): Promise<string[]> {
    return this.#writeMany(
      keys.map((key) => ({ key })),
      ({ key }) => this.#kv.delete(key),
    );
  }

  async list<Metadata = unknown>(options: KVListOptions = {}): Promise<KVListResult<Metadata>> {
    const list = (part: KVListOptions): Promise<any> => asked(this.#kv.list(part));
    return listParts<Metadata>({ list }, this.#scope.partsOf(options.prefix ?? ""), options);
  }

  async #readMany(keys: readonly string[]): Promise<Map<string, KVEntry<string>>> {
    for (const key of keys) this.#scope.check(key);
    return asked(this.#kv.getWithMetadata([...keys], this.#cache));
  }

  async #write(key: string, write: () => Promise<void>): Promise<void> {
    this.#scope.check(key);
    this.#operations.take(1);
    const failed = await this.#operations.run([write]);
    if (failed.has(0)) throw toApiError(failed.get(0));
  }

  /** Writes as many as one invocation may; resolves with the keys that were not written. */
  async #writeMany<Item extends { key: string }>(
    items: readonly Item[],
    write: (item: Item) => Promise<void>,
  ): Promise<string[]> {
    for (const { key } of items) this.#scope.check(key);
    const count = this.#operations.take(items.length);
    const failed = await this.#operations.run(items.slice(0, count).map((item) => () => write(item)));
    // Where nothing went well, the reason says more than the keys.
    const [first] = failed.values();
    if (count > 0 && failed.size === count && !isTooFast(first)) throw toApiError(first);
    return items.filter((_, i) => i >= count || failed.has(i)).map(({ key }) => key);
  }
}
