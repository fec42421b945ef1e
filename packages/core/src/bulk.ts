import { MAX_BULK_KEYS } from "./limits.ts";
import type { CheckedPutOptions } from "./validate.ts";
import { utf8Length } from "./validate.ts";
import { toBase64 } from "./body.ts";
import type { WholeValue } from "./value.ts";

/** A pair of a bulk write, or a key of a bulk delete, as it is sent. */
export interface BulkItem {
  readonly json: string;
  /** The length of `json` in bytes of UTF-8. */
  readonly bytes: number;
}

/** Escaped text beyond this multiple of its bytes is shorter in base64. */
const BASE64_GROWTH = 4 / 3;

/** Serialises a pair. Bytes travel as base64, and so does text whose escapes would outgrow that. */
export function toBulkPair(key: string, { data, bytes }: WholeValue, options: CheckedPutOptions): BulkItem {
  let value: string | undefined;
  if (typeof data === "string") {
    const escaped = JSON.stringify(data);
    if (escaped.length <= 2 + bytes * BASE64_GROWTH) value = escaped;
  }
  value ??= `"${toBase64(typeof data === "string" ? new TextEncoder().encode(data) : data)}","base64":true`;
  let json = `{"key":${JSON.stringify(key)},"value":${value}`;
  if (options.expirationTtl !== undefined) json += `,"expiration_ttl":${options.expirationTtl}`;
  if (options.expiration !== undefined) json += `,"expiration":${options.expiration}`;
  if (options.metadata !== undefined) json += `,"metadata":${options.metadata}`;
  json += "}";
  return { json, bytes: utf8Length(json) };
}

/** Serialises a key. */
export function toBulkKey(key: string): BulkItem {
  const json = JSON.stringify(key);
  return { json, bytes: utf8Length(json) };
}

/** The body of a bulk request: takes items of distinct keys until it is full, by count or by bytes. */
export class BulkBody {
  readonly items: Map<string, BulkItem> = new Map();
  readonly #maxBytes: number;
  /** The brackets; each item adds its comma. */
  #bytes = 2;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Adds an item; `false` where it no longer fits. The first one always does. */
  add(key: string, item: BulkItem): boolean {
    const bytes = this.#bytes + item.bytes + 1;
    if (this.items.size === MAX_BULK_KEYS || (this.items.size > 0 && bytes > this.#maxBytes)) return false;
    this.items.set(key, item);
    this.#bytes = bytes;
    return true;
  }
}
