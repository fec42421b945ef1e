import { isKVError } from "@kvplug/core/seam";
import type { KVError, KVErrorCode } from "@kvplug/core/seam";
import { ApiError, CODE } from "@kvplug/server/routes";
import { toApiError as toAnyApiError } from "@kvplug/server/upstream";

/** What is answered otherwise than by the API in front of upstream: the credential is the proxy's, and so is its end. */
const OWN: Partial<Record<KVErrorCode, (error: KVError) => ApiError>> = {
  KV_AUTH: refusedCredential,
  KV_CLOSED: ending,
};

/** The answer to what the driver failed with, in the terms of the API; that is its `cause`. */
export function toApiError(error: unknown): unknown {
  const answer = isKVError(error) ? OWN[error.code]?.(error) : undefined;
  if (answer === undefined) return toAnyApiError(error);
  answer.cause = error;
  return answer;
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
