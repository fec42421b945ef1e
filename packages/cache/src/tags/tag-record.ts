import type { Milliseconds } from "@kvplug/core/seam";

/** The last invalidations of a tag, as times since 1970. Empty if it was never invalidated. */
export interface TagRecord {
  /** Entries from before are expired. */
  readonly expired?: Milliseconds;
  /** Entries from before are stale. Later than `expired`. */
  readonly stale?: Milliseconds;
  /** When stale entries become expired. Absent: never. */
  readonly expires?: Milliseconds;
}

/** A tag that was never invalidated. */
export const NEVER: TagRecord = Object.freeze({});

/** Returns the time of the newest invalidation; 0 if there is none. */
export function newestIn({ expired = 0, stale = 0 }: TagRecord): Milliseconds {
  return Math.max(expired, stale);
}

/** Combines what two records know. Returns the first one itself if the other adds nothing. */
export function mergeRecords(one: TagRecord, other: TagRecord, now: Milliseconds): TagRecord {
  let expired = Math.max(one.expired ?? 0, other.expired ?? 0);
  let stale = 0;
  let expires = Number.POSITIVE_INFINITY;
  for (const record of [one, other]) {
    if (record.stale === undefined) continue;
    if ((record.expires ?? Number.POSITIVE_INFINITY) <= now) expired = Math.max(expired, record.stale);
  }
  for (const record of [one, other]) {
    if (record.stale === undefined || record.stale <= expired) continue;
    stale = Math.max(stale, record.stale);
    // Of two that overlap, the earlier end: nothing is used for longer than either allows.
    expires = Math.min(expires, record.expires ?? Number.POSITIVE_INFINITY);
  }
  const merged = {
    ...(expired > 0 && { expired }),
    ...(stale > 0 && { stale }),
    ...(Number.isFinite(expires) && { expires }),
  };
  return isSame(one, merged) ? one : merged;
}

function isSame(one: TagRecord, other: TagRecord): boolean {
  return one.expired === other.expired && one.stale === other.stale && one.expires === other.expires;
}

/** Reads a record that came from KV or from another process. Anything else counts as {@link NEVER}. */
export function recordOf(given: unknown): TagRecord {
  const { expired, stale, expires } = Object(given) as { [Name in keyof TagRecord]: unknown };
  const record = {
    ...(isMoment(expired) && { expired }),
    ...(isMoment(stale) && { stale, ...(isMoment(expires) && { expires }) }),
  };
  return newestIn(record) === 0 ? NEVER : record;
}

/** As {@link recordOf}, from KV's text; `null` for a missing key. */
export function parseRecord(text: string | null): TagRecord {
  if (text === null) return NEVER;
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return NEVER;
  }
}

function isMoment(value: unknown): value is Milliseconds {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}
