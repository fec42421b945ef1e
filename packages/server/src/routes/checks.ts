/**
 * The seam's checks, answered with the API's statuses and codes.
 *
 * @module
 */
import { KVLimitError, MAX_KEY_BYTES, checkMetadata, checkPutOptions, isKVError } from "@kvplug/core/seam";
import type { KVPutOptions, Milliseconds } from "@kvplug/core/seam";
import { ApiError, CODE } from "./errors.ts";
import type { ErrorStatus } from "./errors.ts";

/** Runs a check of a key: too long is 414, all else 400. */
export function refuseKey(check: () => void): void {
  answerAs(CODE.key, (error) => (error.limit === MAX_KEY_BYTES ? 414 : 400), check);
}

/** Runs a check of a value: too large is 413, all else 400. */
export function refuseValue(check: () => void): void {
  answerAs(CODE.value, () => 413, check);
}

/** What may be written beside a value, under the names of the API. */
export interface RawPutOptions {
  expiration?: unknown;
  expiration_ttl?: unknown;
  metadata?: unknown;
}

/** Checks what is written beside a value, and gives it the seam's names. */
export function toPutOptions(key: string, raw: RawPutOptions, now: Milliseconds): KVPutOptions {
  const options: KVPutOptions = {};
  // Checked below, whatever they are. What a TTL makes void goes no further: a Worker's binding looks at both.
  if (raw.expiration_ttl !== undefined && raw.expiration_ttl !== null)
    options.expirationTtl = raw.expiration_ttl as number;
  else if (raw.expiration !== undefined && raw.expiration !== null) options.expiration = raw.expiration as number;
  answerAs(
    CODE.value,
    () => 400,
    () => checkPutOptions(key, options, now),
  );
  answerAs(
    CODE.metadata,
    () => 413,
    () => checkMetadata(key, raw.metadata),
  );
  if (raw.metadata !== undefined && raw.metadata !== null) options.metadata = raw.metadata;
  return options;
}

function answerAs(code: number, limitStatus: (error: KVLimitError) => ErrorStatus, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!isKVError(error)) throw error;
    const status = error instanceof KVLimitError ? limitStatus(error) : 400;
    throw new ApiError(status, code, error.message.replace(/^expirationTtl\b/, "expiration_ttl"));
  }
}
