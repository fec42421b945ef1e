import type { Seconds, UnixSeconds } from "@kvplug/core/seam";

/** Options of a single write; unstorage's other options are for other drivers. */
export interface KVItemOptions {
  /**
   * Time to live, from now. For KV it is rounded up to whole seconds, at least 60; readers see the item expire exactly.
   * 0: no expiry. Default: the storage's `ttl`.
   */
  ttl?: Seconds | undefined;
  /** When the item expires. `ttl` wins over it. */
  expiration?: UnixSeconds | undefined;
  /** A JSON object that is stored and listed with the key: up to 1,024 bytes, minus up to 61 for the driver. */
  metadata?: Record<string, unknown> | undefined;
}

/** An item of `getItems` and `setItems`. */
export interface KVItem {
  key: string;
  options?: KVItemOptions;
}

/** What is known about an item besides its value. */
export interface KVItemMeta {
  /** When it was written; absent if another driver wrote it. */
  mtime?: Date;
  /** The remaining life, rounded up; absent if it does not expire. */
  ttl?: Seconds;
  /** When it expires; absent if it does not. */
  expiration?: UnixSeconds;
  /** The `metadata` that was set; absent if none was. */
  metadata?: object;
  // unstorage's own type has one.
  [more: string]: string | number | boolean | object | null | undefined;
}
