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

/** One of {@link KeyvKV6.setMany}. */
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

/** What Keyv 6 asks an adapter about itself. */
export interface Capabilities {
  compatible: true;
  store: "keyvStorage";
  methods: Record<(typeof METHODS)[number], { exists: true; methodType: "async" }>;
  /** It takes deadlines, not durations. */
  expires: true;
}

/**
 * A storage adapter by the contract of Keyv 6 alone: deadlines where `KeyvKV` takes durations, and
 * `setMany` and `deleteMany` tell of each key. Keyv 5 would take its deadlines for durations.
 *
 * @example
 * const keyv = new Keyv({ store: new KeyvKV6({ accountId, namespaceId, apiToken }), namespace: "users" });
 */
export class KeyvKV6 extends AnyKeyvKV {
  /**
   * @param given A `KVNamespace` of any kind, which stays the caller's to close, or the options of a driver.
   * @param options With a namespace as the first argument.
   * @throws {KVError} `KV_INVALID` for an option that does not exist or cannot be.
   */
  constructor(given: KVNamespace<any> | KeyvKVOptions = {}, options: Omit<KeyvKVOptions, "kv"> = {}) {
    super(given, options, { name: "KeyvKV6", options: [] });
  }

  /** By this Keyv 6 knows that it need not make durations of its deadlines. */
  readonly capabilities: Capabilities = {
    compatible: true,
    store: "keyvStorage",
    methods: Object.fromEntries(
      METHODS.map((name) => [name, { exists: true, methodType: "async" }]),
    ) as Capabilities["methods"],
    expires: true,
  };

  /**
   * @param expires Milliseconds since 1970; `undefined`: no expiry. What is over already takes the key away.
   * @throws {KVError} `KV_INVALID` for a value that is no text or a deadline that is no number, `KV_LIMIT` for a key or value too long.
   */
  async set(key: string, value: unknown, expires?: Milliseconds): Promise<boolean> {
    checkDeadline(key, expires);
    await this.write(key, value, expires);
    return true;
  }

  /** Writes all of them, 10,000 a request, and tells of each whether it is written; one `error` tells of those that are not. */
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
   * Deletes all of them, 10,000 a request. Of up to a hundred keys it tells which were there, for one
   * request more; of more than that it does not ask, and says `true`.
   *
   * @throws {KVBulkError} with the keys that failed, when all others are deleted.
   */
  async deleteMany(keys: readonly string[]): Promise<boolean[]> {
    return this.remove(keys);
  }
}
