/**
 * BentoCache's second layer on Workers KV: `bentostore().useL2Layer(kvDriver(options))`.
 *
 * Records are those of `KeyvKV`; only their names are BentoCache's, `prefix:namespace:key`.
 *
 * @module
 */
import { checkAdapterOptions, openNamespace, type KVNamespace, type KVOptions, type OpenNamespace } from "@kvplug/core";
import {
  adapterOptions,
  CACHE_DEADLINE,
  checkCacheDeadline,
  checkOptionNames,
  KVError,
  type Milliseconds,
} from "@kvplug/core/seam";
import { KeyvKV } from "./keyv-kv.ts";
import { WarnOnce } from "./warn-once.ts";

/**
 * Options of {@link kvDriver}. All others are passed to `createKV`: `accountId`, `namespaceId`, `apiToken` and so on.
 */
export interface KVDriverOptions extends KVOptions {
  /** A namespace to use instead of a driver's options: `createKV(…)`, a Worker's `env.KV`. You close it yourself. */
  kv?: KVNamespace<any>;
  /**
   * How long a read waits before it rejects with `KV_TIMEOUT`. `Infinity`: as long as the namespace waits. Default:
   * 5,000.
   */
  deadline?: Milliseconds;
  /** Whether to store keys that are too long, with a hash in place of their end, as `KeyvKV` does. Default: `true`. */
  hashLongKeys?: boolean;
  /** Prefixes each key, with a colon. Default: BentoCache's own, `bentocache`. */
  prefix?: string;
}

const OWN = ["prefix", "deadline", "hashLongKeys"] as const;

/** The argument of `useL2Layer`. */
export interface KVDriverResult {
  /** BentoCache merges them with its own. They contain no secret. */
  readonly options: { readonly prefix?: string };
  readonly factory: (config: { prefix?: string }) => KVDriver;
}

/**
 * Returns a driver for BentoCache's second layer. Its failures reject; BentoCache's options decide what follows:
 * `suppressL2Errors`, `l2CircuitBreakerDuration`, `grace`. By default, BentoCache ignores them if there is a first
 * layer. So missing or rejected credentials, and a namespace that does not exist, also cause one process warning.
 *
 * @param given Any `KVNamespace`, which you close yourself, or options for a driver.
 * @throws {KVError} `KV_INVALID` for an unknown or invalid option.
 * @example
 * const bento = new BentoCache({
 *   default: "kv",
 *   stores: { kv: bentostore().useL1Layer(memoryDriver()).useL2Layer(kvDriver({ accountId, namespaceId, apiToken })) },
 * });
 */
export function kvDriver(
  given: KVNamespace<any> | KVDriverOptions = {},
  more: Omit<KVDriverOptions, "kv"> = {},
): KVDriverResult {
  const { kv, prefix, ...others } = adapterOptions<KVDriverOptions>("kvDriver", given, more);
  const { deadline = CACHE_DEADLINE, hashLongKeys = true, ...driver } = others;
  checkCacheDeadline(deadline);
  if (kv !== undefined) checkOptionNames("kvDriver over a namespace", { prefix, ...others }, OWN);
  // Now, where it was written: BentoCache calls the factory with the first call of the store.
  else checkAdapterOptions(driver, { name: "kvDriver", options: ["kv", ...OWN] });
  return {
    options: prefix === undefined ? {} : { prefix },
    factory: (config) => {
      const open = openNamespace(kv ?? driver);
      return new KVDriver(open, config.prefix ?? "", new KeyvKV(open.kv, { deadline, hashLongKeys }));
    },
  };
}

/** The driver that {@link kvDriver} creates. */
export class KVDriver {
  readonly type = "l2";
  readonly name = "cloudflare-kv";
  readonly #open: OpenNamespace;
  readonly #records: KeyvKV;
  readonly #prefix: string;
  readonly #warning: WarnOnce;

  /** @param prefix Prefixes each key, with a colon; `""`: no prefix. */
  constructor(
    open: OpenNamespace,
    prefix: string,
    records: KeyvKV,
    warning: WarnOnce = new WarnOnce("BentoCache runs without its second layer, kvDriver"),
  ) {
    this.#open = open;
    this.#records = records;
    this.#warning = warning;
    const name = prefix.replace(/:+$/, "");
    this.#prefix = name === "" ? "" : `${name}:`;
  }

  /** Returns a driver for a prefix within this one's; `clear` of this one clears that one too. */
  namespace(namespace: string): KVDriver {
    return new KVDriver(this.#open, this.#prefix + namespace, this.#records, this.#warning);
  }

  /** Resolves with the value, or `undefined` if it does not exist or has expired. */
  get(key: string): Promise<string | undefined> {
    return this.#warning.watch(this.#records.get(this.#prefix + key));
  }

  /** Reads a value and deletes it, in two requests: two processes may both get it. */
  pull(key: string): Promise<string | undefined> {
    return this.#warning.watch(this.#records.take(this.#prefix + key));
  }

  /** @param ttl From now. Default: no expiry. */
  set(key: string, value: string, ttl?: Milliseconds): Promise<boolean> {
    return this.#warning.watch(this.#records.set(this.#prefix + key, value, ttl));
  }

  /** Deletes a key, and resolves with whether it existed. */
  delete(key: string): Promise<boolean> {
    return this.#warning.watch(this.#records.delete(this.#prefix + key));
  }

  /** Deletes all keys, 10,000 a request, without checking whether they exist. */
  async deleteMany(keys: readonly string[]): Promise<boolean> {
    await this.#warning.watch(this.#records.discard(keys.map((key) => this.#prefix + key)));
    return true;
  }

  /**
   * Deletes all keys under the prefix, 10,000 a request.
   *
   * @throws {KVError} `KV_INVALID` without a prefix: that would delete the whole KV namespace.
   */
  async clear(): Promise<void> {
    if (this.#prefix === "") {
      throw new KVError(
        "KV_INVALID",
        "This would delete the whole KV namespace, since the prefix is empty. Name one, or clear the namespace itself.",
      );
    }
    await this.#warning.watch(this.#records.deleteByPrefix(this.#prefix));
  }

  /** Flushes pending writes, and closes the driver if it was opened here. */
  async disconnect(): Promise<void> {
    await this.#records.disconnect();
    await this.#open.close();
  }
}
