import { BadAnswer, type TransportHead } from "./transport.ts";

/** The content-encoding of an answer; `undefined` where its bytes are those of the value. */
export function encodingOf(head: TransportHead): string | undefined {
  const encoding = head.header("content-encoding")?.trim().toLowerCase();
  return encoding === "" || encoding === "identity" ? undefined : encoding;
}

/** Throws unless an encoding is one of those that are undone. */
export function checkEncoding(encoding: string, known: readonly string[]): void {
  if (known.includes(encoding)) return;
  throw new BadAnswer(
    `The answer is encoded as ${JSON.stringify(encoding)}, but only ${known.join(", ")} can be decoded.`,
  );
}
