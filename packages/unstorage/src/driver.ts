import {
  forEachKey,
  getEntries,
  listPages,
  PendingPromises,
  type KVEntry,
  type KVNamespace,
  type KVValue,
} from "@kvplug/core/seam";
import { Blobs } from "./blobs.ts";
import { Clearings } from "./clearings.ts";
import { named } from "./failure.ts";
import type { KVItem, KVItemMeta, KVItemOptions } from "./items.ts";
import { isWithin } from "./key-names.ts";
import { metaOf } from "./meta.ts";
import { openStore, type Store } from "./open-store.ts";
import { DRIVER_NAME, givenOptions, redact, type KVStorageOptions } from "./options.ts";
import { rawOf } from "./raw-values.ts";
import { isGood, putOptionsOf, stampOf } from "./stamp.ts";

/**
 * The driver, as unstorage 1.17 and 2 call it. Methods reject with a `KVError` whose message names the driver. Only a
 * missing or expired key is `null`.
 */
export interface KVStorageDriver {
  readonly name: typeof DRIVER_NAME;
  readonly flags: { readonly maxDepth: true; readonly ttl: true };
  /** The options without secrets, which unstorage 2 passes to its tracing. */
  readonly options: KVStorageOptions;
  /** Returns the cache, if there is one, else the namespace. @throws {KVError} `KV_INVALID` for bad options. */
  readonly getInstance: () => KVNamespace<any>;
  /** Over REST, a single call downloads no value, unless another driver wrote the item without metadata. */
  readonly hasItem: (key: string) => Promise<boolean>;
  readonly getItem: (key: string) => Promise<string | null>;
  /** In the same order, a hundred a request. */
  readonly getItems: (items: KVItem[]) => Promise<{ key: string; value: string | null }[]>;
  /** Resolves with the bytes. Decodes what another driver stored as `base64:…`. */
  readonly getItemRaw: (key: string) => Promise<Uint8Array | null>;
  readonly setItem: (key: string, value: string, options?: KVItemOptions) => Promise<void>;
  /**
   * Writes 10,000 items or 100 MB a request. @throws {KVBulkError} with the `keys` that failed; all others are written.
   */
  readonly setItems: (items: (KVItem & { value: string })[], common?: KVItemOptions) => Promise<void>;
  /** @param value Bytes, a stream of them, text, or a `Blob`, which is read before it is written. */
  readonly setItemRaw: (key: string, value: unknown, options?: KVItemOptions) => Promise<void>;
  readonly removeItem: (key: string) => Promise<void>;
  /** As {@link hasItem}, but always downloads what another driver wrote. */
  readonly getMeta: (key: string) => Promise<KVItemMeta | null>;
  /** Resolves with the keys under a base, 1,000 a request; `maxDepth` limits the number of `:` in them. */
  readonly getKeys: (base?: string, options?: { maxDepth?: number }) => Promise<string[]>;
  /** Deletes everything under a base, 10,000 a request. Later writes are kept. */
  readonly clear: (base?: string) => Promise<void>;
  /** Waits for pending calls, and closes what was opened here. A later call opens it again. */
  readonly dispose: () => Promise<void>;
}

/**
 * Creates an unstorage driver on Workers KV. Never throws: it checks options and looks for credentials at the first
 * call, which rejects if something is wrong.
 *
 * @example
 * const storage = createStorage({ driver: createDriver({ base: "app", ttl: 3600 }) });
 * await storage.setItem("user:ada", { plan: "free" }, { ttl: 60, metadata: { by: "import" } });
 */
export function createDriver(given: KVStorageOptions = {}): KVStorageDriver {
  const options = givenOptions(given);
  let opened: Store | undefined;
  const open = (): Store => (opened ??= openStore(options));

  const running = new PendingPromises();
  const blobs = new Blobs();
  /** Calls of one tick reach the namespace in that tick, where they share requests. */
  const using = async <Result>(work: (store: Store) => Promise<Result>): Promise<Result> => {
    try {
      return await running.add(blobs.after(() => work(open())));
    } catch (error) {
      throw named(error);
    }
  };

  const clearings = new Clearings();
  const put = (store: Store, key: string, value: unknown, how?: KVItemOptions, raw = false): Promise<void> => {
    const name = store.names.nameOf(key);
    const checked = putOptionsOf(key, how ?? {}, store.defaults, raw);
    // What is no value, the namespace refuses.
    const putWhole = (whole: unknown): Promise<void> => store.kv.put(name, whole as KVValue, checked);
    return clearings.put(name, value instanceof Blob ? blobs.put(value, putWhole) : putWhole(value));
  };

  return {
    name: DRIVER_NAME,
    flags: { maxDepth: true, ttl: true },
    options: redact(options),
    getInstance: () => open().kv,
    hasItem: (key) => using(({ presence, names }) => presence.has(names.nameOf(key))),
    getItem: (key) => using(async ({ reads, names }) => valueOf(await reads.getWithMetadata(names.nameOf(key)))),
    getItems: (items) =>
      using(async ({ reads, names }) => {
        const entries = await getEntries(
          reads,
          items.map(({ key }) => names.nameOf(key)),
        );
        return items.map(({ key }, i) => ({ key, value: valueOf(entries[i]!) }));
      }),
    getItemRaw: (key) =>
      using(async ({ reads, names }) => {
        const entry = await reads.getWithMetadata(names.nameOf(key), "arrayBuffer");
        const value = valueOf(entry);
        return value === null ? null : rawOf(value, entry.metadata);
      }),
    setItem: (key, value, how) => using(async (store) => put(store, key, value, how)),
    setItems: (items, common) =>
      using((store) =>
        forEachKey(
          items.map(({ key }) => key),
          async (key, i) => put(store, key, items[i]!.value, { ...common, ...items[i]!.options }),
        ),
      ),
    setItemRaw: (key, value, how) => using(async (store) => put(store, key, value, how, true)),
    removeItem: (key) => using(({ kv, names }) => kv.delete(names.nameOf(key))),
    getMeta: (key) =>
      using(async ({ presence, names }) => {
        // What another hand wrote expires when KV says; what was written here, when its stamp does.
        const found = await presence.find(names.nameOf(key), (metadata) => stampOf(metadata) !== undefined);
        return found && metaOf(found);
      }),
    getKeys: (base, { maxDepth } = {}) =>
      using(async ({ kv, names }) => {
        const keys: string[] = [];
        for await (const page of listPages(kv, names.prefixOf(base))) {
          for (const { name, metadata } of page) {
            const key = names.keyOf(name);
            if (isGood(metadata) && isWithin(maxDepth, key)) keys.push(key);
          }
        }
        return keys;
      }),
    clear: (base) => using(({ kv, names }) => clearings.clear(kv, names.prefixOf(base))),
    // Not `using`, which would open what is not open.
    dispose: async () => {
      const store = opened;
      opened = undefined;
      // What is under way may have requests yet to make, which a closed namespace refuses.
      await running.settled();
      await store?.close();
    },
  };
}

function valueOf<Value>(entry: KVEntry<Value> | null): Value | null {
  return entry !== null && isGood(entry.metadata) ? entry.value : null;
}
