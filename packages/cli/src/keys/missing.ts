import { quoteKey } from "@kvplug/core/seam";
import { CommandError, EXIT } from "../command-error.ts";

/** The most keys that are named. */
const MOST_NAMED = 3;

/** The failure of a command for keys that do not exist. */
export function missing(keys: readonly string[]): CommandError {
  const named = keys.slice(0, MOST_NAMED).map(quoteKey).join(", ");
  const more = keys.length > MOST_NAMED ? ` and ${keys.length - MOST_NAMED} more` : "";
  return new CommandError(EXIT.different, `There ${keys.length === 1 ? "is no key" : "are no keys"} ${named}${more}.`);
}
