import { KVRateLimitError, isKVError } from "@kvplug/core/seam";
import type { KVError, KVErrorCode, Seconds } from "@kvplug/core/seam";
import { ApiError, CODE } from "@kvplug/server/routes";
import type { ErrorStatus } from "@kvplug/server/routes";

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
  KV_AUTH: refusedCredential,
  KV_API: ({ httpStatus, errors: [said], message }) =>
    isPassedOn(httpStatus)
      ? new ApiError(httpStatus, said?.code ?? CODE.value, said?.message ?? message)
      : upstreamFailed(message),
  KV_NETWORK: ({ message }) => upstreamFailed(message),
  KV_TIMEOUT: ({ message }) => new ApiError(504, CODE.unavailable, message),
  KV_CLOSED: ending,
};

/** The answer to what the driver failed with, in the terms of the API; that is its `cause`. */
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

/** The answer of a proxy that ends before upstream has answered. */
export function ending(): ApiError {
  return new ApiError(
    503,
    CODE.unavailable,
    "The proxy stopped before upstream answered: this request may or may not have taken effect. Retry it.",
  );
}

/** Of a gateway or another proxy it may be the scope of the proxy's token; else the proxy has none that is good. */
function refusedCredential(error: KVError): ApiError {
  const scope = error.errors.find(({ code }) => code === CODE.outOfScope);
  if (scope) return new ApiError(403, CODE.outOfScope, scope.message);
  return new ApiError(502, CODE.unavailable, "Upstream rejected the proxy's credentials. The proxy's log says more.");
}

function isPassedOn(status: number | undefined): status is ErrorStatus {
  return status !== undefined && PASSED_ON.has(status);
}
