import { isKVError, reasonOf, type Milliseconds } from "@kvplug/core/seam";

const PAUSE: Milliseconds = 60_000;

/** When each cause was last reported, on the clock of `performance.now()`, and how often it was seen since. */
const seen = new Map<string, { until: Milliseconds; times: number }>();

/**
 * Prints a line on stderr about something that no visitor is shown: one for each cause and minute. The next line of a
 * cause tells how often it was seen meanwhile.
 */
export function report(what: string, error: unknown): void {
  const cause = isKVError(error) ? `${error.code} ${error.httpStatus ?? ""}` : reasonOf(error);
  const at = performance.now();
  const known = seen.get(cause);
  if (known !== undefined && at < known.until) {
    known.times++;
    return;
  }
  const code = isKVError(error) ? `${error.code}: ` : "";
  const more = known === undefined || known.times === 0 ? "" : ` (${known.times} times more since the last line)`;
  console.error(`[@kvplug/next] ${what}: ${code}${reasonOf(error)}${more}`);
  seen.set(cause, { until: at + PAUSE, times: 0 });
  // Causes are few; messages that differ each time must not add up.
  if (seen.size > 100) seen.delete(seen.keys().next().value!);
}
