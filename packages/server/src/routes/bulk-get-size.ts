import { MAX_VALUE_BYTES } from "@kvplug/core/seam";
import type { StoreNamespace } from "../backend.ts";
import { ApiError, CODE } from "./errors.ts";

/** The most bytes that a bulk get returns, all values together: as much as one value may have. */
export const MAX_BULK_GET_BYTES: number = MAX_VALUE_BYTES;

/**
 * Rejects a bulk get of more than {@link MAX_BULK_GET_BYTES} before anything is read, if the store can tell.
 *
 * @throws {ApiError} 413.
 */
export async function checkBulkGetSize(kv: StoreNamespace, keys: readonly string[]): Promise<void> {
  const bytes = (await kv.valueBytes?.(keys)) ?? 0;
  if (bytes > MAX_BULK_GET_BYTES) throw bulkGetTooLarge(keys.length, bytes);
}

/** The error for a bulk get that is too large. */
export function bulkGetTooLarge(keys: number, bytes: number): ApiError {
  return new ApiError(
    413,
    CODE.value,
    `bulk get keys: a bulk get may return ${MAX_BULK_GET_BYTES} bytes of values (25 MiB), ` +
      `and those of these ${keys} keys have ${bytes} or more: ask for fewer at a time.`,
  );
}
