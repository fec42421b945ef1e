import type { KVEntry } from "./kv-namespace.ts";
import type { Withdrawable } from "./withdrawal.ts";

/**
 * The name of an optional method of a namespace that reads bytes with their key's expiration, where that is cheaper
 * than reading metadata too: the REST API's value endpoint returns the expiration, another one the metadata.
 */
export const GET_WITH_EXPIRATION: unique symbol = Symbol.for("kvplug.getWithExpiration");

/** A namespace with this method. */
export interface ExpirationReader {
  /** @returns `value` is `null` if the key does not exist. */
  [GET_WITH_EXPIRATION](
    key: string,
    type: "arrayBuffer",
    options?: Withdrawable,
  ): Promise<Pick<KVEntry<ArrayBuffer>, "value" | "expiration">>;
}

/** Returns whether a namespace has this method. */
export function tellsExpiration(backend: object): backend is ExpirationReader {
  return typeof (backend as Partial<ExpirationReader>)[GET_WITH_EXPIRATION] === "function";
}
