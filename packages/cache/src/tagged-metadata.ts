import { describe, KVError, KVLimitError, MAX_METADATA_BYTES, quoteKey, utf8Length } from "@kvplug/core/seam";
import type { SeenTags } from "./tags/verdict.ts";

/**
 * The member of the metadata that tells what the maker of an entry knew of its tags. It is there, and not in the value,
 * so that a reader without a cache still finds the value as it was written.
 */
const TAGS = "kvplug:tags";

/** As many digits as a moment has until the year 2286. */
const ANY_MOMENT = 9_999_999_999_999;

/** The metadata of an entry with tags. */
export type StoredMetadata = Readonly<Record<string, unknown>>;

/** The metadata of an entry with what its maker knew of its tags. */
export function withTags(metadata: unknown, seen: SeenTags): StoredMetadata {
  return { ...(metadata as object | null | undefined), [TAGS]: seen };
}

/**
 * Throws unless there is room for these tags beside the metadata, whatever is known of them.
 *
 * @throws {KVError} `KV_INVALID` for metadata that is no object, and {@link KVLimitError} where it is too long.
 */
export function checkRoomForTags(key: string, metadata: unknown, tags: readonly string[]): void {
  if (metadata !== undefined && metadata !== null && (typeof metadata !== "object" || Array.isArray(metadata))) {
    throw new KVError(
      "KV_INVALID",
      `The metadata of ${quoteKey(key)} must be an object, since its tags are kept in it, and it is ${describe(metadata)}.`,
      { key },
    );
  }
  const stored = withTags(metadata, Object.fromEntries(tags.map((tag) => [tag, ANY_MOMENT])));
  const bytes = utf8Length(JSON.stringify(stored));
  if (bytes <= MAX_METADATA_BYTES) return;
  throw new KVLimitError(
    `Metadata may hold ${MAX_METADATA_BYTES} bytes of JSON, and that of ${quoteKey(key)} holds ${bytes} with its ${tags.length} tags, each with a moment of 13 digits. Use fewer or shorter tags.`,
    MAX_METADATA_BYTES,
    bytes,
    key,
  );
}

/** Metadata without its tags, and those; all of it as JSON. */
export function splitTags(metadata: string | undefined): { metadata: string | undefined; seen: SeenTags | undefined } {
  // Most metadata is none of ours, and need not be parsed.
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
