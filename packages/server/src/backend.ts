/**
 * What the routes stand on. The local server implements it on SQLite; a Worker can implement it on
 * its bindings.
 *
 * @module
 */
import type { KVNamespace, KVPutOptions } from "@kvplug/core/seam";

/** A namespace as the API names it. */
export interface NamespaceInfo {
  readonly id: string;
  readonly title: string;
}

/** The namespaces of the one account that is served. */
export interface Namespaces {
  list(): MaybePromise<NamespaceInfo[]>;
  get(id: string): MaybePromise<NamespaceInfo | undefined>;
  /** Creates a namespace; `undefined` where the title is taken. */
  create(title: string): MaybePromise<NamespaceInfo | undefined>;
  /** Renames a namespace that exists; `undefined` where the title is taken by another. */
  rename(id: string, title: string): MaybePromise<NamespaceInfo | undefined>;
  /** Deletes a namespace with all that is in it. */
  delete(id: string): MaybePromise<void>;
  /** What is stored in a namespace; `undefined` where there is no such namespace. */
  open(id: string): StoreNamespace | undefined;
}

/** A pair of a bulk write. */
export interface KVPair extends Pick<KVPutOptions, "expiration" | "expirationTtl" | "metadata"> {
  key: string;
  value: string | ArrayBuffer | ArrayBufferView;
}

/** The seam, and where the store knows how, many writes as one. */
export interface StoreNamespace extends KVNamespace {
  /** Whether values that are read are better passed on as streams than held. Default: `false`. */
  readonly streams?: boolean;
  /** How many bytes the values of distinct keys hold together, where that can be told without reading them. */
  valueBytes?(keys: readonly string[]): Promise<number>;
  /** Writes all pairs; resolves with the keys that failed and should be tried again. */
  putMany?(pairs: readonly KVPair[]): Promise<string[]>;
  /** Deletes all keys; resolves with the keys that failed and should be tried again. */
  deleteMany?(keys: readonly string[]): Promise<string[]>;
}

export type MaybePromise<T> = T | Promise<T>;
