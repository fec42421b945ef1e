import {
  decode,
  type KVEntry,
  type KVPresent,
  type KVValueType,
  type Milliseconds,
  type UnixSeconds,
} from "@kvplug/core/seam";
import { freshnessIn, type Freshness } from "./freshness.ts";
import type { SeenTags } from "./tags/verdict.ts";

/** What is known of a key. It never changes; callers get copies. */
export interface Content {
  /** The value; `null` if the key does not exist. */
  readonly data: string | ArrayBuffer | null;
  /** Whether `data` has every byte: text that was read may stand for bytes that are not text. */
  readonly exact: boolean;
  /** Whether `metadata` is known. */
  readonly described: boolean;
  /** The metadata as JSON; `undefined` if there is none. */
  readonly metadata?: string | undefined;
  /** When the key expires, if known. */
  readonly expiration?: UnixSeconds | undefined;
  /** How long it is good, where `wrap` made it. */
  readonly freshness?: Freshness | undefined;
  /** What its maker knew of its tags, if it has any. `metadata` is without them. */
  readonly seen?: SeenTags | undefined;
}

/** What somebody wants to know of a key, beside its value as text. */
export interface Want {
  readonly bytes: boolean;
  readonly metadata: boolean;
}

/** No such key. */
export const MISSING: Content = Object.freeze({ data: null, exact: true, described: true });

const WANTS = [false, true].map((metadata) =>
  [false, true].map((bytes): Want => Object.freeze({ bytes, metadata })),
) as [[Want, Want], [Want, Want]];

/** What {@link Want} a call has. */
export function wantOf(type: KVValueType, metadata: boolean): Want {
  const bytes = type === "arrayBuffer" || type === "stream";
  return WANTS[metadata ? 1 : 0][bytes ? 1 : 0];
}

/** Whether it has what is wanted. */
export function serves({ exact, described }: Pick<Content, "exact" | "described">, { bytes, metadata }: Want): boolean {
  return (exact || !bytes) && (described || !metadata);
}

/** When the key expires, in milliseconds since 1970. */
export function endOf({ expiration }: Content): Milliseconds {
  return expiration === undefined ? Number.POSITIVE_INFINITY : expiration * 1000;
}

/** Whether the key has expired since. */
export function isExpired({ expiration }: Content): boolean {
  return expiration !== undefined && Date.now() >= expiration * 1000;
}

/** What a read of the backend found. */
export function contentOf(entry: Partial<KVEntry<string | ArrayBuffer>> | null, described: boolean): Content {
  const value = entry?.value ?? null;
  if (entry === null || value === null) return MISSING;
  const { expiration } = entry;
  const metadata = entry.metadata === null || entry.metadata === undefined ? undefined : JSON.stringify(entry.metadata);
  return {
    data: value,
    exact: typeof value !== "string",
    described,
    metadata,
    expiration,
    freshness: freshnessIn(metadata),
  };
}

/** Returns the value as the requested type. */
export function valueOf(key: string, { data }: Content, type: KVValueType): unknown {
  if (data === null) return null;
  // The buffer itself stays here. (Text is decoded from it, and cannot change it.)
  const mine = typeof data !== "string" && (type === "arrayBuffer" || type === "stream") ? data.slice(0) : data;
  return decode(key, mine, type);
}

/** Returns metadata and expiration; `null` if the key does not exist. */
export function presentIn({ data, metadata, expiration }: Content): KVPresent | null {
  if (data === null) return null;
  const present: KVPresent = { metadata: metadata === undefined ? null : JSON.parse(metadata) };
  if (expiration !== undefined) present.expiration = expiration;
  return present;
}

/** Returns value, metadata and expiration, with the value as the requested type. */
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
