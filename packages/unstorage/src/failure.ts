import { isKVError, KVBulkError, KVError, KVLimitError, KVRateLimitError } from "@kvplug/core/seam";
import { DRIVER_NAME } from "./options.ts";

/** The driver's name for an option of `createKV`. */
const RENAMED = /(?<=^|namespaceId and )baseURL\b/;

/**
 * An error of kvplug as one of this driver's, with its name, since a program may have many, and its names
 * of the options; any other as it is.
 */
export function named(error: unknown): unknown {
  if (!isKVError(error)) return error;
  const message = `[${DRIVER_NAME}] ${error.message.replace(RENAMED, "apiURL")}`;
  const { key, httpStatus, errors, method, path, cfRay } = error;
  const details = { key, httpStatus, errors, method, path, cfRay, cause: error };
  if (error instanceof KVLimitError) return new KVLimitError(message, error.limit, error.actual, key, error);
  if (error instanceof KVRateLimitError) return new KVRateLimitError(message, error.retryAfter, details);
  if (error instanceof KVBulkError) return new KVBulkError(message, error.reasons, details);
  return new KVError(error.code, message, details);
}
