import type { KVCallOptions, KVListOptions, KVListResult, KVPutOptions, KVValue } from "@kvplug/core/seam";
import type { KVPair, StoreNamespace } from "../backend.ts";

/** What the layers of faults wrap: a store that knows bulk writes. */
export type BulkNamespace = StoreNamespace & Required<Pick<StoreNamespace, "putMany" | "deleteMany" | "valueBytes">>;

/** Hands every call on; a layer overrides those that it changes. */
export class ForwardingNamespace implements BulkNamespace {
  protected readonly inner: BulkNamespace;

  constructor(inner: BulkNamespace) {
    this.inner = inner;
  }

  get(keys: any, options?: any): Promise<any> {
    return this.inner.get(keys, options);
  }

  getWithMetadata(keys: any, options?: any): Promise<any> {
    return this.inner.getWithMetadata(keys, options);
  }

  valueBytes(keys: readonly string[]): Promise<number> {
    return this.inner.valueBytes(keys);
  }

  put(key: string, value: KVValue, options?: KVPutOptions): Promise<void> {
    return this.inner.put(key, value, options);
  }

  putMany(pairs: readonly KVPair[]): Promise<string[]> {
    return this.inner.putMany(pairs);
  }

  delete(key: string, options?: KVCallOptions): Promise<void> {
    return this.inner.delete(key, options);
  }

  deleteMany(keys: readonly string[]): Promise<string[]> {
    return this.inner.deleteMany(keys);
  }

  list<Metadata = unknown>(options?: KVListOptions): Promise<KVListResult<Metadata>> {
    return this.inner.list<Metadata>(options);
  }
}
