import { isKVError, utf8Length } from "@kvplug/core/seam";
import type { Context } from "hono";
import { describeTrouble, StorageError } from "./storage-error.ts";
import { ApiError, CODE, namespaceNotFound } from "./errors.ts";
import type { Place } from "./place.ts";
import { wholeResponse } from "./whole-response.ts";

const JSON_TYPE: Record<string, string> = Object.freeze({ "content-type": "application/json" });

/** Answers a result in the API's envelope. */
export function ok(c: Context, result: unknown, resultInfo?: object): Response {
  const envelope = { success: true, errors: [], messages: [], result };
  const text = JSON.stringify(resultInfo === undefined ? envelope : { ...envelope, result_info: resultInfo });
  return whole(c, text, JSON_TYPE);
}

/**
 * Answers what is in memory as a whole until the caller has it.
 *
 * @throws what {@link Place.holdAnswer} returns.
 */
export function whole(c: Context, body: string | ArrayBuffer, headers: Record<string, string>): Response {
  const place: Place | undefined = c.get("place");
  const noRoom = place?.holdAnswer(typeof body === "string" ? utf8Length(body) : body.byteLength);
  if (noRoom) throw noRoom;
  return wholeResponse(c, body, 200, headers);
}

/** The API's envelope of an error. */
export function failure(code: number, message: string): object {
  return { success: false, errors: [{ code, message }], messages: [], result: null };
}

/** Answers an error in the API's envelope; reveals nothing about an unexpected one. */
export function answerError(error: Error, c: Context): Response {
  const { status, code, message } = toApiError(error);
  return wholeResponse(c, JSON.stringify(failure(code, message)), status, JSON_TYPE);
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
