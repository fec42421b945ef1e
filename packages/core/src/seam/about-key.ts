import { KVError, KVRateLimitError, type KVErrorDetails } from "./errors.ts";
import { quoteKey } from "./validate.ts";

/** A failure of a request, as that of one key in it. */
export function aboutKey(error: unknown, key: string, what: "put" | "delete" | "read"): unknown {
  if (!(error instanceof KVError) || error.key === key) return error;
  const message = `The ${what} of ${quoteKey(key)} failed. ${error.message}`;
  const about = { ...detailsOf(error), key, cause: error };
  return error instanceof KVRateLimitError
    ? new KVRateLimitError(message, error.retryAfter, about)
    : new KVError(error.code, message, about);
}

/** What an error tells besides its message, for one that follows from it. */
export function detailsOf({ key, httpStatus, errors, method, path, cfRay }: KVError): KVErrorDetails {
  return { key, httpStatus, errors, method, path, cfRay };
}
