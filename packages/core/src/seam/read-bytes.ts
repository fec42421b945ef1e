import type { InFlow } from "./flow.ts";
import type { KVCallOptions, KVEntry, Seconds } from "./kv-namespace.ts";
import type { Withdrawable } from "./withdrawal.ts";

/**
 * The name of a method that a namespace may have beside those of `KVNamespace`: it reads the bytes of a value for
 * somebody who passes them on and does not know what they are. As long as they are text they share bulk requests, which
 * who asks for `"arrayBuffer"` is not presumed to want.
 */
export const READ_BYTES: unique symbol = Symbol.for("kvplug.readBytes");

/** How bytes are read. */
export interface ReadBytesOptions extends KVCallOptions, InFlow, Withdrawable {
  /** Whether metadata are wanted as well. */
  metadata: boolean;
  /** For how long the edge of a gateway may keep the value. */
  cacheTtl?: Seconds | undefined;
}

/** A namespace that has it. */
export interface BytesReader {
  /** @returns `value` is `null` where there is no such key; `metadata` are `null` where they were not asked for. */
  [READ_BYTES](key: string, options: ReadBytesOptions): Promise<KVEntry<ArrayBuffer>>;
}

/** Whether a namespace has it. */
export function readsBytes(kv: object): kv is BytesReader {
  return typeof (kv as Partial<BytesReader>)[READ_BYTES] === "function";
}
