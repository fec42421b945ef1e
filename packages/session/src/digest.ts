import { createHash } from "node:crypto";

/** Returns a digest to keep instead of a text: two texts with the same digest are the same. */
export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
