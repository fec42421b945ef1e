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

/** Options of {@link KeyvKV}. All others are passed to `createKV`: `accountId`, `namespaceId`, `apiToken` and so on. */
export interface KeyvKVOptions extends KVOptions, OfficialNames {
  /**
   * A namespace to use instead of a driver's options: `createKV(…)`, a Worker's `env.KV`, `withCache(…)`. You close it
   * yourself.
   */
  kv?: KVNamespace<any>;
  /**
   * Prefixes each key, with {@link keyPrefixSeparator}. Keyv sets it too. Default: none; this adapter then owns the
   * whole KV namespace. If it is set, but `undefined` or empty, `clear` fails.
   */
  namespace?: string | undefined;
  /** Comes between namespace and key. No namespace may contain it. Default: `"::"`. */
  keyPrefixSeparator?: string;
  /**
   * Whether to store keys that are too long for KV: more than 512 bytes with their namespace. Their end is replaced by
   * `~sha256-` and a SHA-256, which listings show. Default: `true`.
   */
  hashLongKeys?: boolean;
  /**
   * How long a read waits before it becomes a miss and an `error` event with `KV_TIMEOUT`. `Infinity`: as long as the
   * namespace waits. Writes, iterating and `clear` always wait as long as the namespace. Default: 5,000, short enough
   * for a web request.
   */
  deadline?: Milliseconds;
  /** How many keys `clear` deletes at a time, 1 to 10,000. Default: 10,000, which is one request. */
  clearBatchSize?: number;
  /** Wraps the namespace, for example in `withCache`. Who closes the namespace stays the same. Default: none. */
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
 * @param adapter The adapter's name in errors, and the options that the caller of that name has besides.
 * @throws {KVError} `KV_INVALID` for an unknown or invalid option.
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
      `clearBatchSize must be a whole number from 1 to ${MAX_BULK_KEYS}, not ${describe(clearBatchSize)}.`,
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
