import type { Seconds, UnixSeconds } from "@kvplug/core/seam";

/** What a single write may say; anything else in unstorage's options is for other drivers. */
export interface KVItemOptions {
  /**
   * For how long, from now. KV is told whole seconds, rounded up, and 60 at least; a reader finds the
   * item gone at its own time. 0: no expiry. Default: the storage's `ttl`.
   */
  ttl?: Seconds | undefined;
  /** Until when. `ttl` wins over it. */
  expiration?: UnixSeconds | undefined;
  /** An object of JSON that is stored and listed with the key: 1,024 bytes, less 61 that this driver may need there. */
  metadata?: Record<string, unknown> | undefined;
}

/** One of `getItems` and `setItems`. */
export interface KVItem {
  key: string;
  options?: KVItemOptions;
}

/** What is known of an item beside its value. */
export interface KVItemMeta {
  /** When it was written; absent for what another hand wrote. */
  mtime?: Date;
  /** How long it is still good, rounded up; absent where it does not expire. */
  ttl?: Seconds;
  /** When it expires; absent where it does not. */
  expiration?: UnixSeconds;
  /** What was given as `metadata`; absent where nothing was. */
  metadata?: object;
  // unstorage's own type has one.
  [more: string]: string | number | boolean | object | null | undefined;
}
