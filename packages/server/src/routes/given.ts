import { describe, quoteKey } from "@kvplug/core/seam";

/** What was asked for, as a message may say it: the beginning of a text, and of anything else its kind. */
export function given(value: unknown): string {
  return typeof value === "string" ? quoteKey(value) : describe(value);
}
