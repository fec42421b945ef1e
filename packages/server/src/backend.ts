/**
 * The interface below the routes. The local server implements it on SQLite, the gateway on a Worker's bindings.
 *
 * @module
 */
import type { KVNamespace, KVPutOptions } from "@kvplug/core/seam";

/** A namespace as the API describes it. */
export interface NamespaceInfo {
  readonly id: string;
  readonly title: string;
}

/** The namespaces of the account. */
export interface Namespaces {
  list(): MaybePromise<NamespaceInfo[]>;
  get(id: string): MaybePromise<NamespaceInfo | undefined>;
  /** Creates a namespace; returns `undefined` if the title is taken. */
  create(title: string): MaybePromise<NamespaceInfo | undefined>;
  /** Renames an existing namespace; returns `undefined` if another has the title. */
  rename(id: string, title: string): MaybePromise<NamespaceInfo | undefined>;
  /** Deletes a namespace and everything in it. */
  delete(id: string): MaybePromise<void>;
  /** Opens a namespace; returns `undefined` if it does not exist. */
  open(id: string): StoreNamespace | undefined;
}

/** A pair of a bulk write. */
export interface KVPair extends Pick<KVPutOptions, "expiration" | "expirationTtl" | "metadata"> {
  key: string;
  value: string | ArrayBuffer | ArrayBufferView;
}

/** A `KVNamespace`; if the store can, with many writes as one. */
export interface StoreNamespace extends KVNamespace {
  /** Whether to pass values on as streams rather than buffer them. Default: `false`. */
  readonly streams?: boolean;
  /**
   * Resolves with how many bytes the values of distinct keys have together, if the store knows without reading them.
   */
  valueBytes?(keys: readonly string[]): Promise<number>;
  /** Writes all pairs; resolves with the keys that failed and should be retried. */
  putMany?(pairs: readonly KVPair[]): Promise<string[]>;
  /** Deletes all keys; resolves with the keys that failed and should be retried. */
  deleteMany?(keys: readonly string[]): Promise<string[]>;
}

export type MaybePromise<T> = T | Promise<T>;
