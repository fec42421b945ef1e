import { isKVError, KVBulkError, KVError, KVLimitError, KVRateLimitError } from "@kvplug/core/seam";
import { DRIVER_NAME } from "./options.ts";

/** An error of kvplug with the name of this driver before it, since a program may have many; any other as it is. */
export function named(error: unknown): unknown {
  if (!isKVError(error)) return error;
  const message = `[${DRIVER_NAME}] ${error.message}`;
  const { key, status, errors, method, path, cfRay } = error;
  const details = { key, status, errors, method, path, cfRay, cause: error };
  if (error instanceof KVLimitError) return new KVLimitError(message, error.limit, error.actual, key);
  if (error instanceof KVRateLimitError) return new KVRateLimitError(message, error.retryAfter, details);
  if (error instanceof KVBulkError) return new KVBulkError(message, error.keys, details);
  return new KVError(error.code, message, details);
}
