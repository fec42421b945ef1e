import { MIN_EXPIRATION_TTL_SECONDS } from "../seam/limits.ts";
import type { ServerLimits } from "../requests/server-limits.ts";
import type { CheckedPutOptions } from "../seam/put-options.ts";
import { utf8Length } from "../seam/validate.ts";
import { toBase64 } from "./body.ts";
import type { WholeValue } from "../seam/value.ts";
import type { BulkItem, Write } from "./write.ts";

/** Escaped text beyond this multiple of its bytes is shorter in base64. */
const BASE64_GROWTH = 4 / 3;

/** Serialises a pair. Bytes travel as base64, and so does text whose escapes would outgrow that. */
function toBulkPair(key: string, { data, bytes }: WholeValue, options: CheckedPutOptions): BulkItem {
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
function toBulkKey(key: string): BulkItem {
  const json = JSON.stringify(key);
  return { json, bytes: utf8Length(json) };
}

/** Returns a write as a body contains it, computed once. */
export function itemOf(write: Write): BulkItem {
  const { key, put } = write;
  if (write.item) return write.item;
  const item = put ? toBulkPair(key, put.value as WholeValue, stillAhead(put.options)) : toBulkKey(key);
  // Whether an expiration is still far enough ahead changes while the write waits.
  if (put?.options.expiration === undefined) write.item = item;
  return item;
}

/** An expiration that came too near while the write waited is as near as KV allows. */
export function stillAhead(options: CheckedPutOptions): CheckedPutOptions {
  if (options.expiration === undefined || options.expiration - Date.now() / 1000 > MIN_EXPIRATION_TTL_SECONDS)
    return options;
  const { expiration: _, ...others } = options;
  return { ...others, expirationTtl: MIN_EXPIRATION_TTL_SECONDS };
}

/** What a bulk request may hold. */
export type BulkLimits = Pick<ServerLimits, "bulkKeys" | "bulkBytes">;

/** The bodies in which these writes can be sent now. */
export function bodiesOf(writes: Iterable<Write>, limits: BulkLimits): readonly Write[][] {
  const bodies: BulkBody[] = [];
  for (const write of writes) {
    if (bodies.at(-1)?.add(write)) continue;
    const body = new BulkBody(limits);
    body.add(write);
    bodies.push(body);
  }
  return bodies.map((body) => body.writes);
}

/** The writes of one bulk request, as many as fit by count and by bytes. */
export class BulkBody {
  readonly writes: Write[] = [];
  readonly #limits: BulkLimits;
  /** The brackets; each item adds its comma. */
  #bytes = 2;

  constructor(limits: BulkLimits) {
    this.#limits = limits;
  }

  /** Adds a write; returns `false` if it does not fit any more. The first one always fits. */
  add(write: Write): boolean {
    const bytes = this.#bytes + itemOf(write).bytes + 1;
    const { bulkKeys, bulkBytes } = this.#limits;
    if (this.writes.length === bulkKeys || (this.writes.length > 0 && bytes > bulkBytes)) return false;
    this.writes.push(write);
    this.#bytes = bytes;
    return true;
  }
}
