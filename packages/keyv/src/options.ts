import {
  openNamespace,
  type AdapterOptionNames,
  type KVNamespace,
  type KVOptions,
  type OpenNamespace,
} from "@kvplug/core";
import {
  adapterOptions,
  CACHE_DEADLINE,
  checkCacheDeadline,
  checkNamespace,
  checkOptionNames,
  describe,
  KVError,
  MAX_BULK_KEYS,
  type Milliseconds,
} from "@kvplug/core/seam";
import { checkSeparator, namespaceOf, type OwnNamespace } from "./key-names.ts";
import { byOwnNames, type OfficialNames } from "./official-names.ts";

/** Options of {@link KeyvKV}. Whatever else is given goes to `createKV`: `accountId`, `namespaceId`, `apiToken` and so on. */
export interface KeyvKVOptions extends KVOptions, OfficialNames {
  /** The namespace to use in place of a driver's options: `createKV(…)`, a Worker's `env.KV`, `withCache(…)`. It stays the caller's to close. */
  kv?: KVNamespace<any>;
  /** Put before each key with {@link keyPrefixSeparator}. Keyv sets it as well. Default: none, and then all of the KV namespace belongs to this adapter; `clear` refuses where it is `undefined` or empty and not left out. */
  namespace?: string | undefined;
  /** Stands between namespace and key. No namespace may hold it. Default: `"::"`. */
  keyPrefixSeparator?: string;
  /**
   * Whether a key that is too long for KV, with its namespace more than 512 bytes, is kept all the same: its end gives way
   * to `~sha256-` and a SHA-256 of it. Listings show that. Default: `true`.
   */
  hashLongKeys?: boolean;
  /**
   * How long a read waits: then it is a miss and an `error` event, with `KV_TIMEOUT`. `Infinity`: for as long as the
   * namespace waits. Writes wait as the namespace says, and so do iterating and `clear`. Default: 5,000, which a request
   * of the web survives.
   */
  deadline?: Milliseconds;
  /** How many keys `clear` deletes at a time, 1 to 10,000. Default: 10,000, which is one request. */
  clearBatchSize?: number;
  /** Puts something in front of the namespace, such as `withCache`. What is beneath stays whose it was to close. Default: nothing. */
  layer?: (kv: KVNamespace<any>) => KVNamespace<any>;
}

const OWN = ["namespace", "keyPrefixSeparator", "hashLongKeys", "deadline", "clearBatchSize", "layer"] as const;
const OFFICIAL = ["kvNamespace", "url", "mode"] as const satisfies (keyof OfficialNames)[];

export interface Settings {
  readonly kv: KVNamespace<any>;
  readonly own: OwnNamespace;
  readonly deadline: Milliseconds;
  readonly clearBatchSize: number;
  readonly close: OpenNamespace["close"];
}

/**
 * @param adapter What errors call the adapter, and the options that whoever calls it so has besides.
 * @throws {KVError} `KV_INVALID` for an option that does not exist or cannot be.
 */
export function settingsOf(
  given: KVNamespace<any> | KeyvKVOptions,
  more: KeyvKVOptions,
  { name, options: others }: AdapterOptionNames,
): Settings {
  const { kv, ...rest } = byOwnNames(adapterOptions<KeyvKVOptions>(name, given, more));
  const {
    namespace,
    keyPrefixSeparator: separator = "::",
    hashLongKeys = true,
    deadline = CACHE_DEADLINE,
    clearBatchSize = MAX_BULK_KEYS,
    layer,
    ...driver
  } = rest;
  if (kv !== undefined) {
    checkNamespace(name, kv);
    checkOptionNames(`${name} over a namespace`, rest, [...others, ...OWN]);
  }
  checkSeparator(separator);
  checkCacheDeadline(deadline);
  if (typeof hashLongKeys !== "boolean") {
    throw new KVError("KV_INVALID", `hashLongKeys must be true or false, not ${describe(hashLongKeys)}.`);
  }
  if (!Number.isInteger(clearBatchSize) || clearBatchSize < 1 || clearBatchSize > MAX_BULK_KEYS) {
    throw new KVError(
      "KV_INVALID",
      `clearBatchSize must be a whole number from 1 to ${MAX_BULK_KEYS}, and it is ${describe(clearBatchSize)}.`,
    );
  }
  if (layer !== undefined && typeof layer !== "function") {
    throw new KVError(
      "KV_INVALID",
      `layer must be a function, such as (kv) => withCache(kv, { max: 1000 }), not ${describe(layer)}.`,
    );
  }
  // Last: it opens connections.
  const open = openNamespace(kv ?? driver, { name, options: [...others, ...OWN, "kv", ...OFFICIAL] });
  return {
    kv: layer === undefined ? open.kv : layer(open.kv),
    own: {
      namespace: namespaceOf(namespace),
      isNothing: "namespace" in rest && namespaceOf(namespace) === undefined,
      separator,
      hashLongKeys,
    },
    deadline,
    clearBatchSize,
    close: () => open.close(),
  };
}
