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

/** Options of {@link kvDriver}. Whatever else is given goes to `createKV`: `accountId`, `namespaceId`, `apiToken` and so on. */
export interface KVDriverOptions extends KVOptions {
  /** The namespace to use in place of a driver's options: `createKV(…)`, a Worker's `env.KV`. It stays the caller's to close. */
  kv?: KVNamespace<any>;
  /** How long a read waits before it rejects with `KV_TIMEOUT`. `Infinity`: for as long as the namespace waits. Default: 5,000. */
  deadline?: Milliseconds;
  /** Whether a key that is too long is kept, with a hash in place of its end: as in `KeyvKV`. Default: `true`. */
  hashLongKeys?: boolean;
  /** Put before each key, with a colon. Default: BentoCache's, which is `bentocache`. */
  prefix?: string;
}

const OWN = ["prefix", "deadline", "hashLongKeys"] as const;

/** What `useL2Layer` takes. */
export interface KVDriverResult {
  /** BentoCache hands them back with its own. They hold no secret. */
  readonly options: { readonly prefix?: string };
  readonly factory: (config: { prefix?: string }) => KVDriver;
}

/**
 * A driver for BentoCache's second layer. Its failures reject, which BentoCache's own options deal with:
 * `suppressL2Errors`, `l2CircuitBreakerDuration`, `grace`. By default it passes over them where there is a first layer, so
 * that credentials which are missing or refused, or a namespace that does not exist, are one warning of the process as well.
 *
 * @param given A `KVNamespace` of any kind, which stays the caller's to close, or the options of a driver.
 * @throws {KVError} `KV_INVALID` for an option that does not exist or cannot be.
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

/** What {@link kvDriver} makes. */
export class KVDriver {
  readonly type = "l2";
  readonly name = "cloudflare-kv";
  readonly #open: OpenNamespace;
  readonly #records: KeyvKV;
  readonly #prefix: string;
  readonly #warning: WarnOnce;

  /** @param prefix Put before each key, with a colon; `""`: none. */
  constructor(
    open: OpenNamespace,
    prefix: string,
    records: KeyvKV,
    warning: WarnOnce = new WarnOnce("BentoCache does without its second layer, kvDriver"),
  ) {
    this.#open = open;
    this.#records = records;
    this.#warning = warning;
    const name = prefix.replace(/:+$/, "");
    this.#prefix = name === "" ? "" : `${name}:`;
  }

  /** The same namespace of KV, under a prefix within this one's; `clear` of this one clears that one too. */
  namespace(namespace: string): KVDriver {
    return new KVDriver(this.#open, this.#prefix + namespace, this.#records, this.#warning);
  }

  /** The value; `undefined` where there is none, or where its time is over. */
  get(key: string): Promise<string | undefined> {
    return this.#warning.watch(this.#records.get(this.#prefix + key));
  }

  /** The value, which is then deleted: two requests, so two processes may both have it. */
  pull(key: string): Promise<string | undefined> {
    return this.#warning.watch(this.#records.take(this.#prefix + key));
  }

  /** @param ttl From now. Default: no expiry. */
  set(key: string, value: string, ttl?: Milliseconds): Promise<boolean> {
    return this.#warning.watch(this.#records.set(this.#prefix + key, value, ttl));
  }

  /** Deletes a key, and tells whether it was there. */
  delete(key: string): Promise<boolean> {
    return this.#warning.watch(this.#records.delete(this.#prefix + key));
  }

  /** Deletes all of them, 10,000 a request, whether they are there or not. */
  async deleteMany(keys: readonly string[]): Promise<boolean> {
    await this.#warning.watch(this.#records.discard(keys.map((key) => this.#prefix + key)));
    return true;
  }

  /**
   * Deletes all keys under the prefix, 10,000 a request.
   *
   * @throws {KVError} `KV_INVALID` without a prefix: that would be all of KV.
   */
  async clear(): Promise<void> {
    if (this.#prefix === "") {
      throw new KVError(
        "KV_INVALID",
        "This would delete all of the KV namespace, since the prefix is empty. Name one, or clear the namespace itself.",
      );
    }
    await this.#warning.watch(this.#records.deleteByPrefix(this.#prefix));
  }

  /** Settles what was written, and closes a driver that was opened here. */
  async disconnect(): Promise<void> {
    await this.#records.disconnect();
    await this.#open.close();
  }
}
