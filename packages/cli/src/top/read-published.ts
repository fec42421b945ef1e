import { reasonOf, type Milliseconds } from "@kvplug/core/seam";
import { CommandError, EXIT } from "../command-error.ts";

/** How long an answer may take. */
const PATIENCE_MS: Milliseconds = 5000;

/**
 * Reads what a program publishes as JSON.
 *
 * @throws {CommandError} where it cannot be reached, refuses, or answers anything else.
 */
export async function readPublished(url: string, token: string | undefined): Promise<unknown> {
  const failed = (why: string, code: 1 | 4 = EXIT.failed): CommandError => new CommandError(code, `${url} ${why}`);
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(url, {
    headers,
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch((error: unknown) => {
    throw failed(`cannot be reached: ${reasonOf(error)}.`);
  });
  if (response.status === 401 || response.status === 403)
    throw failed(`requires ${token === undefined ? "a" : "another"} token: --token.`, EXIT.access);
  if (!response.ok)
    throw failed(`answers ${response.status}. Publish stats() there as JSON; a local server does at /stats.`);
  const published: unknown = await response.json().catch(() => undefined);
  if (typeof published === "object" && published !== null) return published;
  throw failed("does not return a JSON object. Publish stats() there.");
}
