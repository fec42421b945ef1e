import type { InFlow } from "./flow.ts";
import type { KVCallOptions, KVEntry, Seconds } from "./kv-namespace.ts";
import type { Withdrawable } from "./withdrawal.ts";

/**
 * The name of a method that a namespace may have beside those of `KVNamespace`: it reads a value for somebody who passes it
 * on and does not know what it is. As long as it is text it shares bulk requests, which who asks for `"arrayBuffer"` is not
 * presumed to want. All who read it at once get one copy.
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
  /**
   * @returns The value as it came, which nobody may change: bytes, or text that stands for them; `null` where there is no
   *   such key. `metadata` are `null` where they were not asked for.
   */
  [READ_BYTES](key: string, options: ReadBytesOptions): Promise<KVEntry<string | ArrayBuffer>>;
}

/** Whether a namespace has it. */
export function readsBytes(kv: object): kv is BytesReader {
  return typeof (kv as Partial<BytesReader>)[READ_BYTES] === "function";
}
