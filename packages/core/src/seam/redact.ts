/** What stands between the scheme of a URL and its host. */
const USER_INFO = /:\/\/([^/?#\\\s]*)@/g;

/**
 * Returns a text without the credentials of the URLs in it, for errors, logs and screens. `https://user:secret@host`
 * becomes `https://host`, since the name alone may be a token; other schemes keep the user, as in `redis://user@host`.
 */
export function redactURLs(text: string): string {
  if (!text.includes("://") || !text.includes("@")) return text;
  const redacted = text.replace(USER_INFO, (_, userInfo: string, at: number) => {
    const user = /https?$/i.test(text.slice(Math.max(0, at - 5), at)) ? "" : userInfo.replace(/:.*/s, "");
    return `://${user}${user === "" ? "" : "@"}`;
  });
  return redacted.replace(/\S+/g, redactMalformed);
}

/**
 * What may be a user and a password such as `12/b`, whose digits a URL takes for a port: one before a path with an `@`,
 * unless a machine is named as no user is.
 */
const LIKE_A_PORT = /^:\/\/(?!localhost:|\d+(?:\.\d+){3}:|\[)[^/?#\\@]*:\d*[/?#\\]/i;

/**
 * A password that should have been encoded, such as `a/b`, ends the host. If it is not a URL, nothing is shown up to
 * the last `@`.
 */
function redactMalformed(word: string): string {
  const start = word.indexOf("://");
  const at = word.lastIndexOf("@");
  if (start === -1 || at < start) return word;
  const scheme = /[a-z][a-z\d+.-]*$/i.exec(word.slice(Math.max(0, start - 20), start))?.[0] ?? "";
  const isURL = URL.canParse(scheme + word.slice(start)) && !LIKE_A_PORT.test(word.slice(start));
  return isURL ? word : `${word.slice(0, start)}://${word.slice(at + 1)}`;
}

/** A text of others without the ids of accounts and namespaces, for messages: frameworks show those to visitors. */
export function withoutIds(text: string): string {
  return text.replaceAll(/(?<=\b(?:accounts|namespaces)\/)[\w%.~-]+|\b[\da-f]{32}\b/gi, "…");
}
