import { decode, type KVEntry, type KVValueType, type UnixSeconds } from "@kvplug/core/seam";

/** What is known of a key. It is never changed, and what is handed out of it is a copy. */
export interface Content {
  /** The value; `null` where the key does not exist. */
  readonly data: string | ArrayBuffer | null;
  /** Whether `data` tells every byte: text that was read may stand for bytes that are none. */
  readonly exact: boolean;
  /** The metadata as JSON; `undefined` where there is none. */
  readonly metadata?: string | undefined;
  /** When the key expires, where that is known. */
  readonly expiration?: UnixSeconds | undefined;
}

/** No such key. */
export const MISSING: Content = Object.freeze({ data: null, exact: true });

/** What a read of the backend found. */
export function contentOf(entry: KVEntry<string | ArrayBuffer> | null): Content {
  if (entry === null || entry.value === null) return MISSING;
  const { value, metadata, expiration } = entry;
  return {
    data: value,
    exact: typeof value !== "string",
    metadata: metadata === null || metadata === undefined ? undefined : JSON.stringify(metadata),
    expiration,
  };
}

/** The value as it was asked for. */
export function valueOf(key: string, { data }: Content, type: KVValueType): unknown {
  if (data === null) return null;
  // The buffer itself stays here. (Text is decoded from it, and cannot change it.)
  const mine = typeof data !== "string" && (type === "arrayBuffer" || type === "stream") ? data.slice(0) : data;
  return decode(key, mine, type);
}

/** Value, metadata and expiration, the value as it was asked for. */
export function entryOf(key: string, content: Content, type: KVValueType): KVEntry<unknown> {
  const { metadata, expiration } = content;
  const entry: KVEntry<unknown> = {
    value: valueOf(key, content, type),
    metadata: metadata === undefined ? null : JSON.parse(metadata),
    cacheStatus: null,
  };
  if (expiration !== undefined) entry.expiration = expiration;
  return entry;
}
