import { redactURLs } from "./redact.ts";

/**
 * Why something failed, in words, without credentials of URLs. The error of a `fetch` says that it failed, and its cause why; one of
 * several addresses that were tried says nothing, and those within it what became of each.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return redactURLs(String(error));
  if (error instanceof AggregateError && error.message === "") return error.errors.map(reasonOf).join(", ");
  if (error instanceof TypeError && error.cause instanceof Error) return reasonOf(error.cause);
  return redactURLs(error.message);
}
