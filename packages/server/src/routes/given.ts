import { describe, quoteKey } from "@kvplug/core/seam";

/** Describes an argument for a message: the beginning of a text, or the kind of anything else. */
export function given(value: unknown): string {
  return typeof value === "string" ? quoteKey(value) : describe(value);
}
