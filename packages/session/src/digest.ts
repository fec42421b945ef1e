import { createHash } from "node:crypto";

/** What stands for a text where it need not be kept: two that agree in it are the same. */
export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
