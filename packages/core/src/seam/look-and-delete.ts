import type { KVCallOptions } from "./kv-namespace.ts";
import type { KVPresent } from "./presence.ts";

/**
 * The name of a method that a namespace may have beside those of `KVNamespace`: it deletes a key and tells what was
 * there before. Calls that come after it see the delete at once, though it is sent when the look is over.
 */
export const LOOK_AND_DELETE: unique symbol = Symbol.for("kvplug.lookAndDelete");

/** A delete that looks first. Either may fail, and the delete is sent whatever becomes of the look. */
export interface LookAndDelete {
  /** What was there; `null` where there was no such key. */
  readonly looked: Promise<KVPresent | null>;
  readonly deleted: Promise<void>;
}

/** A namespace that has it. */
export interface LookingDeleter {
  /**
   * @param look The `deadline` of the look alone; the driver gives it half of the client's at most.
   * @throws {KVError} `KV_INVALID` or `KV_LIMIT` for what cannot be a key.
   */
  [LOOK_AND_DELETE](key: string, look?: Pick<KVCallOptions, "deadline">): LookAndDelete;
}

/** Whether a namespace has it. */
export function looksAndDeletes(backend: object): backend is LookingDeleter {
  return typeof (backend as Partial<LookingDeleter>)[LOOK_AND_DELETE] === "function";
}
