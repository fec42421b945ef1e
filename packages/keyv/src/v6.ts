/**
 * Keyv 6 on Workers KV, by its own contract: `new Keyv({ store: new KeyvKV6(options) })`.
 *
 * @module
 */
import type { KVNamespace } from "@kvplug/core";
import { forEachKey, KVBulkError, type Milliseconds } from "@kvplug/core/seam";
import { AnyKeyvKV } from "./any-keyv-kv.ts";
import type { KeyvKVOptions } from "./options.ts";
import { checkDeadline } from "./record.ts";

export type { KeyvKVEvents } from "./any-keyv-kv.ts";
export type { KeyvKVOptions } from "./options.ts";

/** An entry for {@link KeyvKV6.setMany}. */
export interface KeyvEntry6 {
  key: string;
  value: unknown;
  /** Milliseconds since 1970. Default: no expiry. */
  expires?: Milliseconds | undefined;
}

const METHODS = [
  "get",
  "getMany",
  "has",
  "hasMany",
  "set",
  "setMany",
  "delete",
  "deleteMany",
  "clear",
  "disconnect",
  "iterator",
] as const;

/** What an adapter declares to Keyv 6. */
export interface Capabilities {
  compatible: true;
  store: "keyvStorage";
  methods: Record<(typeof METHODS)[number], { exists: true; methodType: "async" }>;
  /** Takes deadlines, not durations. */
  expires: true;
}

/**
 * A storage adapter by Keyv 6's own contract: it takes deadlines where `KeyvKV` takes durations, and `setMany` and
 * `deleteMany` return a result for each key. Not for Keyv 5, which would pass durations as deadlines.
 *
 * @example
 * const keyv = new Keyv({ store: new KeyvKV6({ accountId, namespaceId, apiToken }), namespace: "users" });
 */
export class KeyvKV6 extends AnyKeyvKV {
  /**
   * @param given Any `KVNamespace`, which you close yourself, or options for a driver.
   * @param options If the first argument is a namespace.
   * @throws {KVError} `KV_INVALID` for an unknown or invalid option.
   */
  constructor(given: KVNamespace<any> | KeyvKVOptions = {}, options: Omit<KeyvKVOptions, "kv"> = {}) {
    super(given, options, { name: "KeyvKV6", options: [] });
  }

  /** Tells Keyv 6 that it need not convert its deadlines to durations. */
  readonly capabilities: Capabilities = {
    compatible: true,
    store: "keyvStorage",
    methods: Object.fromEntries(
      METHODS.map((name) => [name, { exists: true, methodType: "async" }]),
    ) as Capabilities["methods"],
    expires: true,
  };

  /**
   * @param expires Milliseconds since 1970; `undefined`: no expiry. A past one deletes the key.
   * @throws {KVError} `KV_INVALID` if the value is not a string or the deadline not a number, `KV_LIMIT` if key or
   *   value is too long.
   */
  async set(key: string, value: unknown, expires?: Milliseconds): Promise<boolean> {
    checkDeadline(key, expires);
    await this.write(key, value, expires);
    return true;
  }

  /**
   * Writes all entries, 10,000 a request, and resolves with whether each is written. One `error` event reports those
   * that are not.
   */
  async setMany(entries: readonly KeyvEntry6[]): Promise<boolean[]> {
    try {
      await forEachKey(
        entries.map(({ key }) => key),
        async (key, i) => {
          await this.set(key, entries[i]!.value, entries[i]!.expires);
        },
      );
      return entries.map(() => true);
    } catch (error) {
      this.emit("error", error);
      const failed = new Set(error instanceof KVBulkError ? error.keys : [entries[0]!.key]);
      return entries.map(({ key }) => !failed.has(key));
    }
  }

  /**
   * Deletes all keys, 10,000 a request. For up to a hundred keys, one more request checks which existed; for more, each
   * result is `true`.
   *
   * @throws {KVBulkError} with the keys that failed; all others are deleted.
   */
  async deleteMany(keys: readonly string[]): Promise<boolean[]> {
    return this.remove(keys);
  }
}
