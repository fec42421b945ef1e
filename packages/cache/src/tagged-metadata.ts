import { describe, KVError, KVLimitError, MAX_METADATA_BYTES, quoteKey, utf8Length } from "@kvplug/core/seam";
import type { SeenTags } from "./tags/verdict.ts";

/** The metadata's member for what the maker knew of the tags. In the value, readers without a cache would meet it. */
const TAGS = "kvplug:tags";

/** A time has as many digits until the year 2286. */
const ANY_MOMENT = 9_999_999_999_999;

/** The metadata of an entry with tags. */
export type StoredMetadata = Readonly<Record<string, unknown>>;

/** Adds what the maker knew of the tags. */
export function withTags(metadata: unknown, seen: SeenTags): StoredMetadata {
  return { ...(metadata as object | null | undefined), [TAGS]: seen };
}

/**
 * Throws unless the tags fit beside the metadata, whatever is known of them later.
 *
 * @throws {KVError} `KV_INVALID` if the metadata is not an object; {@link KVLimitError} if it is too long.
 */
export function checkRoomForTags(key: string, metadata: unknown, tags: readonly string[]): void {
  if (metadata !== undefined && metadata !== null && (typeof metadata !== "object" || Array.isArray(metadata))) {
    throw new KVError(
      "KV_INVALID",
      `The metadata of ${quoteKey(key)} must be an object, not ${describe(metadata)}: its tags are stored in it.`,
      { key },
    );
  }
  const stored = withTags(metadata, Object.fromEntries(tags.map((tag) => [tag, ANY_MOMENT])));
  const bytes = utf8Length(JSON.stringify(stored));
  if (bytes <= MAX_METADATA_BYTES) return;
  throw new KVLimitError(
    `Metadata may hold ${MAX_METADATA_BYTES} bytes of JSON, and that of ${quoteKey(key)} holds ${bytes} with its ${tags.length} tags, each with a time of 13 digits. Use fewer or shorter tags.`,
    MAX_METADATA_BYTES,
    bytes,
    key,
  );
}

/** Takes metadata, as JSON, apart: what the caller wrote, and what the maker knew of the tags. */
export function splitTags(metadata: string | undefined): { metadata: string | undefined; seen: SeenTags | undefined } {
  // Most metadata has no tags, and need not be parsed.
  if (metadata === undefined || !metadata.includes(TAGS)) return { metadata, seen: undefined };
  const { [TAGS]: seen, ...rest } = Object(JSON.parse(metadata)) as StoredMetadata;
  if (!isSeen(seen)) return { metadata, seen: undefined };
  return { metadata: Object.keys(rest).length === 0 ? undefined : JSON.stringify(rest), seen };
}

function isSeen(value: unknown): value is SeenTags {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((moment) => typeof moment === "number")
  );
}
