import { KVError, KVRateLimitError, type KVErrorDetails } from "./errors.ts";
import { quoteKey } from "./validate.ts";

/** Turns the failure of a request into that of one key in it. */
export function aboutKey(error: unknown, key: string, what: "put" | "delete" | "read"): unknown {
  if (!(error instanceof KVError) || error.key === key) return error;
  const message = `The ${what} of ${quoteKey(key)} failed. ${error.message}`;
  const about = { ...detailsOf(error), key, cause: error };
  return error instanceof KVRateLimitError
    ? new KVRateLimitError(message, error.retryAfter, about)
    : new KVError(error.code, message, about);
}

/** Returns an error's details besides its message, for an error that follows from it. */
export function detailsOf({ key, httpStatus, errors, method, path, cfRay }: KVError): KVErrorDetails {
  return { key, httpStatus, errors, method, path, cfRay };
}
