import type { KVNamespace } from "@kvplug/core";
import { Keyv, type KeyvOptions } from "keyv";
import { KeyvKV } from "./keyv-kv.ts";
import type { KeyvKVOptions } from "./options.ts";

/** A Keyv, and what else can be done with the keys of its store. */
export type KVKeyv = Keyv & Pick<KeyvKV, "keys" | "deleteByPrefix">;

/**
 * A Keyv on Workers KV, in one call, of the Keyv that is installed. Its keys carry one prefix,
 * `namespace::`.
 *
 * @param given A `KVNamespace` of any kind, which stays the caller's to close, or the options of a driver.
 * @throws {KVError} `KV_INVALID` for an option that does not exist or cannot be.
 * @example
 * const keyv = createKeyv({ accountId, namespaceId, apiToken, namespace: "users" });
 * await keyv.set("ada", { plan: "free" }, 5000);
 */
export function createKeyv(
  given: KVNamespace<any> | KeyvKVOptions = {},
  options: Omit<KeyvKVOptions, "kv"> = {},
): KVKeyv {
  const store = new KeyvKV(given, options, { name: "createKeyv", options: [] });
  const { namespace } = store;
  // Keyv 5 has one of its own where none is given.
  const keyv = new Keyv({ useKeyPrefix: false, namespace } as KeyvOptions);
  // Set like this, it leaves the adapter's alone where there is none.
  keyv.store = store;
  return Object.assign(keyv, {
    keys: (prefix?: string) => store.keys(prefix),
    deleteByPrefix: (prefix: string) => store.deleteByPrefix(prefix),
  });
}
