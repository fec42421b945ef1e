import type { KVNamespace } from "@kvplug/core";
import { adapterOptions, describe, KVError } from "@kvplug/core/seam";
import type { KeyvKV } from "@kvplug/keyv";
import { Keyv, type KeyvOptions } from "keyv";
import { openStore, type StoreOptions } from "./open-store.ts";

/** Options of {@link createStores}. */
export interface StoresOptions extends StoreOptions {
  /** Called with each failure; cache-manager itself treats failures as misses. Default: none. */
  onError?: (error: unknown) => void;
}

/** A Keyv 5, with two more methods for the keys of its store. */
export type KVKeyv = Keyv & Pick<KeyvKV, "keys" | "deleteByPrefix">;

/**
 * Returns the `stores` for `createCache` of cache-manager 6 and 7: one Keyv 5, which both versions need, whichever Keyv
 * your program uses otherwise.
 *
 * @param given Any `KVNamespace`, or options for a driver.
 * @throws {KVError} `KV_INVALID` for an unknown or invalid option.
 * @example
 * const cache = createCache({ stores: createStores(kv, { lru: { max: 1000, ttl: 10_000 } }), ttl: 60_000 });
 */
export function createStores(
  given: KVNamespace<any> | StoresOptions = {},
  more: Omit<StoresOptions, "kv"> = {},
): [store: KVKeyv] {
  if (isStore(given)) {
    throw new KVError(
      "KV_INVALID",
      "createStores takes a KVNamespace or a driver's options, not a Keyv: it creates its own Keyv 5, since cache-manager 6 and 7 cannot use Keyv 6. Pass what you passed to your Keyv's store.",
    );
  }
  const { onError = () => {}, ...options } = adapterOptions<StoresOptions>("createStores", given, more);
  if (typeof onError !== "function") {
    throw new KVError("KV_INVALID", `onError must be a function, not ${describe(onError)}.`);
  }
  const store = openStore("createStores", options, ["onError"]);
  const { namespace } = store;
  // Keyv has one of its own where none is given.
  const keyv = new Keyv({ useKeyPrefix: false, namespace } as KeyvOptions);
  // Set like this, it leaves the adapter's alone where there is none.
  keyv.store = store;
  keyv.on("error", onError);
  const byPrefix = {
    keys: (prefix?: string) => store.keys(prefix),
    deleteByPrefix: (prefix: string) => store.deleteByPrefix(prefix),
  };
  return [Object.assign(keyv, byPrefix)];
}

/** Whether a value is a Keyv of whichever version, or an adapter of one. */
function isStore(value: object): boolean {
  return typeof value === "object" && value !== null && "set" in value && "get" in value && "clear" in value;
}
