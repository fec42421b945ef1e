import { isNamespace } from "./seam/any-namespace.ts";
import { createKV } from "./client.ts";
import type { KVNamespace } from "./seam/kv-namespace.ts";
import { checkOptions, type KVOptions } from "./contract/options.ts";

/** The namespace that an adapter uses, and how to release it. */
export interface OpenNamespace {
  readonly kv: KVNamespace<any>;
  /** Closes what was opened here. What the caller opened, the caller closes. */
  close(): Promise<void>;
}

/** How errors describe an adapter: its name as users call it, and its own options. */
export interface AdapterOptionNames {
  readonly name: string;
  readonly options: readonly string[];
}

/**
 * Checks an adapter's options before it opens anything: its own by name only, and those of the driver.
 *
 * @throws {KVError} `KV_INVALID` for unknown or invalid options.
 */
export function checkAdapterOptions(given: KVOptions, { name, options }: AdapterOptionNames): void {
  checkOptions(name, given, [...options, "namespaceId"]);
}

/**
 * Turns an adapter's argument into a namespace: uses a namespace as it is, or opens a REST driver from its options, and
 * closes it.
 *
 * @param adapter The adapter's name and own options, for the error about an unknown option.
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
