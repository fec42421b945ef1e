import type { KVCallOptions } from "./kv-namespace.ts";
import type { KVPresent } from "./presence.ts";

/**
 * The name of an optional method of a namespace that deletes a key and reports what was there. Later calls see the
 * delete at once, although it is sent only after the lookup.
 */
export const LOOK_AND_DELETE: unique symbol = Symbol.for("kvplug.lookAndDelete");

/** A delete that looks first. Both may fail; the delete is sent whatever the lookup's result. */
export interface LookAndDelete {
  /** What was there; `null` if the key did not exist. */
  readonly looked: Promise<KVPresent | null>;
  readonly deleted: Promise<void>;
}

/** A namespace with this method. */
export interface LookingDeleter {
  /**
   * @param look The `deadline` of the lookup only; the driver limits it to half of the client's.
   * @throws {KVError} `KV_INVALID` or `KV_LIMIT` for an invalid key.
   */
  [LOOK_AND_DELETE](key: string, look?: Pick<KVCallOptions, "deadline">): LookAndDelete;
}

/** Returns whether a namespace has this method. */
export function looksAndDeletes(backend: object): backend is LookingDeleter {
  return typeof (backend as Partial<LookingDeleter>)[LOOK_AND_DELETE] === "function";
}
