import { redactURLs } from "./redact.ts";

/**
 * Describes why something failed, without credentials of URLs. A failed `fetch` has the reason in its `cause`; if
 * several addresses were tried, each attempt's error has its own.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return redactURLs(String(error));
  if (error instanceof AggregateError && error.message === "") return error.errors.map(reasonOf).join(", ");
  if (error instanceof TypeError && error.cause instanceof Error) return reasonOf(error.cause);
  return redactURLs(error.message);
}
