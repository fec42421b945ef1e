import { describe, expirationTtlOf, KVError, quoteKey, type KVPutOptions, type Milliseconds } from "@kvplug/core/seam";

/**
 * What is written beside each value: until when it is good, in milliseconds since 1970. KV itself
 * expires keys at whole seconds and after 60 s at least. Every record has one, since the API tells
 * of a key without metadata and of no key the same.
 */
export interface Dated {
  readonly e?: Milliseconds;
}

/** What a record is put with. @param until Milliseconds since 1970; `undefined`: no expiry. */
export function putOptionsOf(until: Milliseconds | undefined): KVPutOptions {
  if (until === undefined) return { metadata: {} satisfies Dated };
  return { expirationTtl: expirationTtlOf(until - Date.now()), metadata: { e: until } satisfies Dated };
}

/**
 * When what is written now is over; `undefined`: never.
 *
 * @param ttl From now. `undefined`, `null` and 0: no expiry, as in Keyv.
 * @throws {KVError} `KV_INVALID` for what is no duration.
 */
export function deadlineOf(key: string, ttl: Milliseconds | null | undefined): Milliseconds | undefined {
  if (ttl === undefined || ttl === null || ttl === 0) return undefined;
  if (typeof ttl === "number" && Number.isFinite(ttl)) return Date.now() + ttl;
  throw new KVError(
    "KV_INVALID",
    `The ttl of ${quoteKey(key)} must be a number of milliseconds, not ${describe(ttl)}. For no expiry, leave it out.`,
    { key },
  );
}

/** @throws {KVError} `KV_INVALID` for what is no time. */
export function checkDeadline(key: string, expires: unknown): void {
  if (expires === undefined || Number.isFinite(expires)) return;
  throw new KVError(
    "KV_INVALID",
    `The expires of ${quoteKey(key)} must be milliseconds since 1970, not ${describe(expires)}. For no expiry, leave it out.`,
    { key },
  );
}

/** How long a record is still good; infinite without a date, negative where its time is over. */
export function timeLeft(metadata: unknown): Milliseconds {
  const until = (metadata as Dated | null | undefined)?.e;
  return typeof until === "number" ? until - Date.now() : Number.POSITIVE_INFINITY;
}

/** Whether a record is still good. What another hand wrote, without a date, is. */
export function isGood(metadata: unknown): boolean {
  return timeLeft(metadata) > 0;
}
