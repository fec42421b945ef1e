import type { KV } from "@kvplug/core";
import { FLOW, JOIN_FLOW, READ_BYTES, WITHDRAWAL, checkGetOptions, decode } from "@kvplug/core/seam";
import type {
  BytesReader,
  Flow,
  FlowJoiner,
  GivenGetOptions,
  KVCallOptions,
  KVEntry,
  KVListOptions,
  KVListResult,
  KVNamespace,
  KVPutOptions,
  KVStream,
  KVValue,
  ReadBytesOptions,
} from "@kvplug/core/seam";

/** A namespace as a cache over it reads it: bytes with all that is known of them, in one request that others share. */
export class CachedUpstream implements KVNamespace<KVStream> {
  readonly #kv: KV & BytesReader & FlowJoiner;

  constructor(kv: KV & BytesReader & FlowJoiner) {
    this.#kv = kv;
  }

  static {
    // A computed name of a method has no declaration.
    Object.defineProperty(this.prototype, JOIN_FLOW, {
      value(this: CachedUpstream, key: string, flow: Flow) {
        this.#kv[JOIN_FLOW](key, flow);
      },
    });
  }

  get(keys: any, options?: GivenGetOptions): Promise<any> {
    return this.#kv.get(keys, options as any);
  }

  getWithMetadata(keys: any, options?: GivenGetOptions): Promise<any> {
    const { type, [FLOW]: flow, [WITHDRAWAL]: withdrawal } = checkGetOptions(options);
    if (type === "arrayBuffer") {
      return this.#readBytes(keys, { metadata: true, [FLOW]: flow, [WITHDRAWAL]: withdrawal });
    }
    return this.#kv.getWithMetadata(keys, options as any);
  }

  async #readBytes(key: string, options: ReadBytesOptions): Promise<KVEntry<ArrayBuffer>> {
    const { value, ...entry } = await this.#kv[READ_BYTES](key, options);
    return { ...entry, value: value === null ? null : (decode(key, value, "arrayBuffer") as ArrayBuffer) };
  }

  put(key: string, value: KVValue, options?: KVPutOptions): Promise<void> {
    return this.#kv.put(key, value, options);
  }

  delete(key: string, options?: KVCallOptions): Promise<void> {
    return this.#kv.delete(key, options);
  }

  list<Metadata = unknown>(options?: KVListOptions): Promise<KVListResult<Metadata>> {
    return this.#kv.list(options);
  }

  close(): Promise<void> {
    return this.#kv.close();
  }
}
