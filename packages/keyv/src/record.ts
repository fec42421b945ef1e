import {
  describe,
  expirationTtlOf,
  kindOf,
  KVError,
  quoteKey,
  type KVPutOptions,
  type Milliseconds,
} from "@kvplug/core/seam";

/**
 * What is stored beside each value: its deadline, in milliseconds since 1970. KV itself expires keys at whole seconds,
 * after at least 60 s. Every record has one, since the API answers the same for a key without metadata and for no key.
 */
export interface Dated {
  readonly e?: Milliseconds;
}

/** @throws {KVError} `KV_INVALID` unless the value is text, as Keyv makes of every value. */
export function checkText(key: string, value: unknown): asserts value is string {
  if (typeof value === "string") return;
  throw new KVError(
    "KV_INVALID",
    `The value of ${quoteKey(key)} must be a string, not ${kindOf(value)}. Keyv serialises values, unless its serializer is turned off.`,
    { key },
  );
}

/** What a record is put with. @param until Milliseconds since 1970; `undefined`: no expiry. */
export function putOptionsOf(until: Milliseconds | undefined): KVPutOptions {
  if (until === undefined) return { metadata: {} satisfies Dated };
  return { expirationTtl: expirationTtlOf(until - Date.now()), metadata: { e: until } satisfies Dated };
}

/**
 * Returns the deadline of what is written now; `undefined`: none.
 *
 * @param ttl From now. `undefined`, `null` and 0: no expiry, as in Keyv.
 * @throws {KVError} `KV_INVALID` if it is not a duration.
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

/** @throws {KVError} `KV_INVALID` if it is not a time. */
export function checkDeadline(key: string, expires: unknown): void {
  if (expires === undefined || Number.isFinite(expires)) return;
  throw new KVError(
    "KV_INVALID",
    `The expires of ${quoteKey(key)} must be milliseconds since 1970, not ${describe(expires)}. For no expiry, leave it out.`,
    { key },
  );
}

/** Returns how long a record remains valid: infinite without a deadline, negative if it has expired. */
export function timeLeft(metadata: unknown): Milliseconds {
  const until = (metadata as Dated | null | undefined)?.e;
  return typeof until === "number" ? until - Date.now() : Number.POSITIVE_INFINITY;
}

/** Whether a record is still good. What another hand wrote, without a date, is. */
export function isGood(metadata: unknown): boolean {
  return timeLeft(metadata) > 0;
}
