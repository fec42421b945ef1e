import type { Milliseconds } from "@kvplug/core/seam";

/** The last invalidations of a tag. Moments are milliseconds since 1970. A tag that was never invalidated has none. */
export interface TagRecord {
  /** What was made before must not be served. */
  readonly expired?: Milliseconds;
  /** What was made before may be served while it is made anew. It is later than `expired`. */
  readonly stale?: Milliseconds;
  /** When that is over: what was made before `stale` must not be served from then on. Absent: never. */
  readonly expires?: Milliseconds;
}

/** A tag that was never invalidated. */
export const NEVER: TagRecord = Object.freeze({});

/** The moment of the newest invalidation; 0 where there is none. */
export function newestIn({ expired = 0, stale = 0 }: TagRecord): Milliseconds {
  return Math.max(expired, stale);
}

/** What is known where one knows this and another that. Where it brings nothing new, that is the first record itself. */
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
    // Of two that overlap, the earlier end: what was to be gone by then is.
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

/** A record as it came from KV or from another process. What is none counts as {@link NEVER}. */
export function recordOf(given: unknown): TagRecord {
  const { expired, stale, expires } = Object(given) as { [Name in keyof TagRecord]: unknown };
  const record = {
    ...(isMoment(expired) && { expired }),
    ...(isMoment(stale) && { stale, ...(isMoment(expires) && { expires }) }),
  };
  return newestIn(record) === 0 ? NEVER : record;
}

/** As {@link recordOf}, of the text that KV holds; `null` where there is no such key. */
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
