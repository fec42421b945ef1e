import { KVRateLimitError, isKVError } from "@kvplug/core/seam";
import type { KVError, KVErrorCode, Seconds } from "@kvplug/core/seam";
import { ApiError, CODE } from "../routes/errors.ts";
import type { ErrorStatus } from "../routes/errors.ts";

/** Statuses of upstream's that are the caller's business, and are passed on as they are. */
const PASSED_ON: ReadonlySet<number> = new Set<ErrorStatus>([400, 404, 405, 413, 414]);

/** Upstream lets in no more requests, for longer than the caller waits. */
export class BudgetSpent extends ApiError {
  override name = "BudgetSpent";
  readonly retryAfter: Seconds;

  constructor(message: string, code: number, retryAfter: Seconds) {
    super(429, code, message);
    this.retryAfter = retryAfter;
  }
}

/** What the failures of the driver are answered with; those that are not here, the routes answer. */
const ANSWERS: Partial<Record<KVErrorCode, (error: KVError) => ApiError>> = {
  KV_NOT_FOUND: ({ errors: [said], message }) =>
    new ApiError(404, said?.code ?? CODE.namespaceNotFound, said?.message ?? message),
  KV_AUTH: ({ errors: [said], message }) =>
    new ApiError(403, said?.code ?? CODE.authentication, said?.message ?? message),
  KV_API: ({ httpStatus, errors: [said], message }) =>
    isPassedOn(httpStatus)
      ? new ApiError(httpStatus, said?.code ?? CODE.value, said?.message ?? message)
      : upstreamFailed(message),
  KV_NETWORK: ({ message }) => upstreamFailed(message),
  KV_TIMEOUT: ({ message }) => new ApiError(504, CODE.unavailable, message),
};

/**
 * Returns the answer to what the driver failed with, in the terms of the API; that is its `cause`. Returns what the driver
 * did not throw, or the routes answer themselves, as it is.
 */
export function toApiError(error: unknown): unknown {
  if (!isKVError(error)) return error;
  const answer = error instanceof KVRateLimitError ? budgetSpent(error) : ANSWERS[error.code]?.(error);
  if (answer === undefined) return error;
  answer.cause = error;
  return answer;
}

function budgetSpent({ errors: [said], message, retryAfter }: KVRateLimitError): ApiError {
  return new BudgetSpent(said?.message ?? message, said?.code ?? CODE.rateLimit, retryAfter);
}

function upstreamFailed(message: string): ApiError {
  return new ApiError(502, CODE.unavailable, `Upstream failed: ${message}`);
}

function isPassedOn(status: number | undefined): status is ErrorStatus {
  return status !== undefined && PASSED_ON.has(status);
}
