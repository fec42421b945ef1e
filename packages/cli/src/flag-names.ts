/** How options of the driver, which its errors name, are called on the command line. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ["accountId", "--account"],
  ["apiToken", "the API token"],
  ["baseURL", "--api-url"],
  ["expirationTtl", "--ttl"],
  ["namespaceId", "--namespace"],
]);

/** Options whose names are words as well: a message that begins with one of them is about it. */
const WORDS: ReadonlySet<string> = new Set(["expiration", "timeout"]);

/** What is quoted, which may be a key of such a name, and names. */
const QUOTED_OR_NAME = /"(?:[^"\\]|\\.)*"|\b[a-zA-Z]+\b/g;

/** A message of the driver's in the words of the command line. */
export function inFlags(message: string): string {
  return message.replace(QUOTED_OR_NAME, (word, at: number) =>
    at === 0 && WORDS.has(word) ? `--${word}` : (FLAGS.get(word) ?? word),
  );
}
