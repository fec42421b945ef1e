import type { KVNamespace } from "@kvplug/core";
import { Keyv, type KeyvOptions } from "keyv";
import { KeyvKV } from "./keyv-kv.ts";
import type { KeyvKVOptions } from "./options.ts";

/** A Keyv, with two more methods for the keys of its store. */
export type KVKeyv = Keyv & Pick<KeyvKV, "keys" | "deleteByPrefix">;

/**
 * Creates a Keyv on Workers KV, of the installed Keyv version. Its keys have one prefix, `namespace::`.
 *
 * @param given Any `KVNamespace`, which you close yourself, or options for a driver.
 * @throws {KVError} `KV_INVALID` for an unknown or invalid option.
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
