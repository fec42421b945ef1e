import type { KVEntry, KVListOptions, KVListResult, KVNamespace, KVPutOptions, KVValue } from "@kvplug/core/seam";
import { MAX_BULK_GET_BYTES } from "@kvplug/server/routes";

/** How many values are read at once. */
const LANES = 6;

/** What a binding can do from outside its Worker, with any wrangler 4. */
interface Binding {
  getWithMetadata(key: string, type: "arrayBuffer"): Promise<KVEntry<ArrayBuffer>>;
  put(key: string, value: Exclude<KVValue, ReadableStream>, options?: KVPutOptions): Promise<void>;
  delete(key: string): Promise<void>;
  list<Metadata>(options?: KVListOptions): Promise<KVListResult<Metadata>>;
}

/**
 * A binding of wrangler's proxy that reads and writes whole values only. Streams that are not read to their end, and reads
 * of several keys, fail in early versions of wrangler 4.
 */
export class LocalBinding implements Pick<KVNamespace<any>, "get" | "getWithMetadata" | "put" | "delete" | "list"> {
  readonly #binding: Binding;

  constructor(binding: unknown) {
    this.#binding = binding as Binding;
  }

  async get(keys: any, options?: any): Promise<any> {
    const found = await this.getWithMetadata(keys, options);
    if (!(found instanceof Map)) return found.value;
    return new Map([...found].map(([key, entry]) => [key, entry.value]));
  }

  async getWithMetadata(keys: string | string[], options?: any): Promise<any> {
    if (!Array.isArray(keys)) return this.#read(keys, options?.type);
    const found = new Map<string, KVEntry<unknown>>();
    let bytes = 0;
    for (let start = 0; start < keys.length; start += LANES) {
      const some = keys.slice(start, start + LANES);
      const entries = await Promise.all(some.map((key) => this.#read(key, "text")));
      for (const [i, entry] of entries.entries()) {
        bytes += Buffer.byteLength((entry.value as string | null) ?? "");
        found.set(some[i]!, entry);
      }
      // In the words of a Worker's binding: the driver then asks for fewer keys.
      if (bytes > MAX_BULK_GET_BYTES) throw new Error("KV GET_BULK failed: 413 The values are too large together.");
    }
    return found;
  }

  async put(key: string, value: KVValue, options?: KVPutOptions): Promise<void> {
    const whole = value instanceof ReadableStream ? await new Response(value).arrayBuffer() : value;
    await this.#binding.put(key, whole, options);
  }

  delete(key: string): Promise<void> {
    return this.#binding.delete(key);
  }

  list<Metadata = unknown>(options?: KVListOptions): Promise<KVListResult<Metadata>> {
    return this.#binding.list<Metadata>(options);
  }

  async #read(key: string, type: string = "text"): Promise<KVEntry<unknown>> {
    const { value, ...about } = await this.#binding.getWithMetadata(key, "arrayBuffer");
    return { ...about, value: value === null ? null : convert(value, type) };
  }
}

function convert(value: ArrayBuffer, type: string): unknown {
  if (type === "arrayBuffer") return value;
  if (type === "stream") return new Response(value).body;
  // A byte order mark belongs to the value.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(value);
}
