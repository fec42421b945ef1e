import { MAX_BULK_BYTES, MAX_BULK_KEYS } from "./limits.ts";
import type { CheckedPutOptions } from "./validate.ts";
import { utf8Length } from "./validate.ts";
import { toBase64, type WholeValue } from "./value.ts";

/** A pair as a bulk write sends it. */
export interface BulkPair {
  readonly key: string;
  readonly json: string;
  /** The length of `json` in bytes of UTF-8. */
  readonly bytes: number;
}

/** Escaped text beyond this multiple of its bytes is shorter in base64. */
const BASE64_GROWTH = 4 / 3;

/** Serialises a pair. Bytes travel as base64, and so does text whose escapes would outgrow that. */
export function toBulkPair(key: string, { data, bytes }: WholeValue, options: CheckedPutOptions): BulkPair {
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
  return { key, json, bytes: utf8Length(json) };
}

/** Gathers pairs or keys until a request is full, by count and by bytes. The last one of a key counts. */
export class BulkBody<Item extends { readonly key: string; readonly bytes: number }> {
  readonly items: Map<string, Item> = new Map();
  /** The brackets; each item adds its comma. */
  #bytes = 2;

  /** Adds an item; `false` where it no longer fits. */
  add(item: Item): boolean {
    const before = this.items.get(item.key);
    const bytes = this.#bytes + item.bytes + 1 - (before ? before.bytes + 1 : 0);
    if (bytes > MAX_BULK_BYTES || (before === undefined && this.items.size === MAX_BULK_KEYS)) return false;
    this.items.set(item.key, item);
    this.#bytes = bytes;
    return true;
  }
}
