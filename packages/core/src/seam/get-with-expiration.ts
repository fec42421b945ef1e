import type { KVEntry } from "./kv-namespace.ts";

/**
 * The name of a method that a namespace may have beside those of `KVNamespace`: it reads bytes and when their key
 * expires, where that is cheaper than with metadata. The REST API tells as much in the answer of the value's own
 * endpoint, and metadata in another one.
 */
export const GET_WITH_EXPIRATION: unique symbol = Symbol.for("kvplug.getWithExpiration");

/** A namespace that has it. */
export interface ExpirationReader {
  /** @returns `value` is `null` where there is no such key. */
  [GET_WITH_EXPIRATION](key: string, type: "arrayBuffer"): Promise<Pick<KVEntry<ArrayBuffer>, "value" | "expiration">>;
}

/** Whether a namespace has it. */
export function tellsExpiration(backend: object): backend is ExpirationReader {
  return typeof (backend as Partial<ExpirationReader>)[GET_WITH_EXPIRATION] === "function";
}
