import { isKVError } from "@kvplug/core/seam";
import type { Context } from "hono";
import { describeTrouble, StorageError } from "./storage-error.ts";
import { ApiError, CODE, namespaceNotFound } from "./errors.ts";

/** Answers a result in the API's envelope. */
export function ok(c: Context, result: unknown, resultInfo?: object): Response {
  const envelope = { success: true, errors: [], messages: [], result };
  return c.json(resultInfo === undefined ? envelope : { ...envelope, result_info: resultInfo });
}

/** The API's envelope of an error. */
export function failure(code: number, message: string): object {
  return { success: false, errors: [{ code, message }], messages: [], result: null };
}

/** Answers an error in the API's envelope; reveals nothing about an unexpected one. */
export function answerError(error: Error, c: Context): Response {
  const { status, code, message } = toApiError(error);
  return c.json(failure(code, message), status);
}

function toApiError(error: Error): ApiError {
  if (error instanceof ApiError) return error;
  if (isKVError(error) && (error.code === "KV_INVALID" || error.code === "KV_LIMIT")) {
    return new ApiError(400, CODE.value, error.message);
  }
  if (error instanceof StorageError) {
    const [status, code] =
      error.trouble === "full" ? ([507, CODE.storageFull] as const) : ([503, CODE.storage] as const);
    return new ApiError(status, code, `The server cannot use its data now: ${describeTrouble(error.trouble)}.`);
  }
  if (isKVError(error) && error.code === "KV_NOT_FOUND") return namespaceNotFound("the namespace was deleted");
  return new ApiError(500, CODE.unavailable, "The server failed to handle this request.");
}
