import { isNamespace } from "./seam/any-namespace.ts";
import { createKV } from "./client.ts";
import type { KVNamespace } from "./seam/kv-namespace.ts";
import { checkOptions, type KVOptions } from "./contract/options.ts";

/** A namespace that an adapter stands on, and how it lets go of it. */
export interface OpenNamespace {
  readonly kv: KVNamespace<any>;
  /** Closes what was opened here. What the caller opened is the caller's to close. */
  close(): Promise<void>;
}

/** What an error tells of an adapter: its name as users call it, and its own options. */
export interface AdapterOptionNames {
  readonly name: string;
  readonly options: readonly string[];
}

/**
 * Checks the options of an adapter before it opens anything: its own by their names alone, and those of the driver.
 *
 * @throws {KVError} `KV_INVALID` for unknown or invalid options.
 */
export function checkAdapterOptions(given: KVOptions, { name, options }: AdapterOptionNames): void {
  checkOptions(name, given, [...options, "namespaceId"]);
}

/**
 * What an adapter was given: a namespace of any kind, which it uses, or the options of a REST driver,
 * which it opens and closes.
 *
 * @param adapter Which name and which options of its own the error is to tell for one that does not exist.
 * @throws {KVError} `KV_INVALID` for unknown or invalid options.
 * @example
 * const { kv, close } = openNamespace(env.KV);
 * const { kv, close } = openNamespace({ accountId, namespaceId, apiToken });
 */
export function openNamespace(given: KVNamespace<any> | KVOptions = {}, adapter?: AdapterOptionNames): OpenNamespace {
  if (isNamespace(given)) return { kv: given, close: () => Promise.resolve() };
  if (adapter !== undefined) checkAdapterOptions(given, adapter);
  const kv = createKV(given);
  return { kv, close: () => kv.close() };
}
