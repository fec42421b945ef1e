import { openNamespace, type KVNamespace, type KVOptions, type OpenNamespace } from "@kvplug/core";
import { checkOptionNames, isNamespace, KVError, MAX_BULK_KEYS } from "@kvplug/core/seam";
import { checkSeparator } from "./key-names.ts";

/** Options of {@link KeyvKV}. Whatever else is given goes to `createKV`: `accountId`, `namespaceId`, `apiToken` and so on. */
export interface KeyvKVOptions extends KVOptions {
  /** The namespace to use in place of a driver's options: `createKV(…)`, a Worker's `env.KV`, `withCache(…)`. It stays the caller's to close. */
  kv?: KVNamespace<any>;
  /** Put before each key with {@link keyPrefixSeparator}. Keyv sets it as well. Default: none, and then all of the KV namespace belongs to this adapter. */
  namespace?: string | undefined;
  /** Stands between namespace and key. No namespace may hold it. Default: `"::"`. */
  keyPrefixSeparator?: string;
  /** How many keys `clear` deletes at a time, 1 to 10,000. Default: 10,000, which is one request. */
  clearBatchSize?: number;
}

export interface Settings {
  readonly open: OpenNamespace;
  readonly namespace: string | undefined;
  readonly separator: string;
  readonly clearBatchSize: number;
}

/** @throws {KVError} `KV_INVALID` for an option that does not exist or cannot be. */
export function settingsOf(given: KVNamespace<any> | KeyvKVOptions = {}, more: KeyvKVOptions = {}): Settings {
  const options: KeyvKVOptions = isNamespace(given) ? { ...more, kv: given } : { ...given, ...more };
  const { kv, namespace, keyPrefixSeparator: separator = "::", clearBatchSize = MAX_BULK_KEYS, ...driver } = options;
  if (kv !== undefined) checkOptionNames("KeyvKV over a namespace", driver, []);
  checkSeparator(separator);
  if (!Number.isInteger(clearBatchSize) || clearBatchSize < 1 || clearBatchSize > MAX_BULK_KEYS) {
    throw new KVError(
      "KV_INVALID",
      `clearBatchSize must be a whole number from 1 to ${MAX_BULK_KEYS}, and it is ${clearBatchSize}.`,
    );
  }
  return { open: openNamespace(kv ?? driver), namespace, separator, clearBatchSize };
}
