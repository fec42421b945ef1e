import { NOT_TEXT, readEnvelope, saysCode, unreachable } from "./answer.ts";
import type { RawValue } from "./decode.ts";
import type { KVStream, UnixSeconds } from "./kv-namespace.ts";
import { MAX_BULK_GET_KEYS } from "./limits.ts";
import type { ApiCall, Requests } from "./request.ts";

/** What a read finds; `null` where the key does not exist. */
export interface Found<Value = RawValue> {
  value: Value;
  metadata: unknown;
  expiration?: UnixSeconds;
}

type BulkValues = Record<string, { value: string; metadata: unknown; expiration?: number } | string | null>;

/** The reads of one namespace. */
export class Reads {
  readonly #requests: Requests;
  readonly #path: () => string;

  constructor(requests: Requests, path: () => string) {
    this.#requests = requests;
    this.#path = path;
  }

  /** One value without its metadata. */
  text(key: string, signal?: AbortSignal): Promise<string | null> {
    return this.#requests.send<string | null>({ ...this.#value(key, signal), read: (response) => response.text() });
  }

  /** One value as bytes, without its metadata. */
  bytes(key: string, signal?: AbortSignal): Promise<ArrayBuffer | null> {
    return this.#requests.send<ArrayBuffer | null>({ ...this.#value(key, signal), read: (response) => response.arrayBuffer() });
  }

  /** One value as a stream, with the expiration that its header tells. */
  stream(key: string, signal?: AbortSignal): Promise<{ value: KVStream; expiration?: UnixSeconds } | null> {
    return this.#requests.send<{ value: KVStream; expiration?: UnixSeconds } | null>({
      ...this.#value(key, signal),
      read: (response, asked) => ({
        value: response.stream((cause) => (signal?.aborted ? signal.reason : unreachable(cause, asked))),
        ...expirationOf(response.header("expiration")),
      }),
    });
  }

  /** The metadata of one key. */
  metadata(key: string, signal?: AbortSignal): Promise<unknown> {
    return this.#requests.send({
      method: "GET",
      path: `${this.#path()}/metadata/${encodeURIComponent(key)}`,
      key,
      signal,
      missing: null,
      read: async (response, asked) => (await readEnvelope(response, asked)).result ?? null,
    });
  }

  /** Any number of keys, 100 a request; a key that does not exist is not in the map. */
  async many(keys: readonly string[], withMetadata: boolean, signal?: AbortSignal): Promise<Map<string, Found>> {
    const distinct = [...new Set(keys)];
    const parts: string[][] = [];
    for (let start = 0; start < distinct.length; start += MAX_BULK_GET_KEYS) parts.push(distinct.slice(start, start + MAX_BULK_GET_KEYS));
    const found = new Map<string, Found>();
    await Promise.all(parts.map((part) => this.#part(part, withMetadata, found, signal)));
    return found;
  }

  /** A part that holds a value which is not text, or too much of it, is split until that key is alone. */
  async #part(keys: string[], withMetadata: boolean, found: Map<string, Found>, signal?: AbortSignal): Promise<void> {
    try {
      const values = await this.#bulk(keys, withMetadata, signal);
      for (const key of keys) {
        const entry = Object.hasOwn(values, key) ? values[key] : null;
        if (entry === null || entry === undefined) continue;
        found.set(key, typeof entry === "string" ? { value: entry, metadata: null } : entry);
      }
    } catch (error) {
      if (!saysCode(error, NOT_TEXT) && !tooLarge(error)) throw error;
      if (keys.length === 1) return this.#alone(keys[0]!, withMetadata, found, signal);
      const half = Math.ceil(keys.length / 2);
      await Promise.all([
        this.#part(keys.slice(0, half), withMetadata, found, signal),
        this.#part(keys.slice(half), withMetadata, found, signal),
      ]);
    }
  }

  /** Reads a value that is not text: its bytes, and its metadata apart. */
  async #alone(key: string, withMetadata: boolean, found: Map<string, Found>, signal?: AbortSignal): Promise<void> {
    const [entry, metadata] = await Promise.all([
      this.#requests.send<Found | null>({
        ...this.#value(key, signal),
        read: async (response) => ({
          value: await response.arrayBuffer(),
          metadata: null,
          ...expirationOf(response.header("expiration")),
        }),
      }),
      withMetadata ? this.metadata(key, signal) : null,
    ]);
    if (entry !== null) found.set(key, { ...entry, metadata });
  }

  #bulk(keys: string[], withMetadata: boolean, signal?: AbortSignal): Promise<BulkValues> {
    return this.#requests.send({
      method: "POST",
      path: `${this.#path()}/bulk/get`,
      contentType: "application/json",
      body: JSON.stringify(withMetadata ? { keys, withMetadata } : { keys }),
      key: keys.length === 1 ? keys[0] : undefined,
      signal,
      read: async (response, asked) => (await readEnvelope<{ values: BulkValues }>(response, asked)).result.values,
    });
  }

  #value(key: string, signal?: AbortSignal): Omit<ApiCall<null>, "read"> {
    return { method: "GET", path: `${this.#path()}/values/${encodeURIComponent(key)}`, key, signal, missing: null };
  }
}

function tooLarge(error: unknown): boolean {
  return error instanceof Error && "status" in error && error.status === 413;
}

function expirationOf(header: string | undefined): { expiration?: UnixSeconds } {
  const expiration = Number(header);
  return header !== undefined && Number.isFinite(expiration) ? { expiration } : {};
}
