import type { Place } from "../api/values.ts";

/** What is copied: a command or a program that reads the key. */
export interface Snippet {
  readonly title: string;
  readonly text: string;
}

/** Ways to read a key of what `wrangler dev` keeps, where its configuration is. */
export function wranglerSnippetsOf(binding: string, key: string): Snippet[] {
  const name = shellQuote(key);
  return [
    { title: "wrangler", text: `wrangler kv key get --local --binding ${shellQuote(binding)} -- ${name}` },
    { title: "kvplug", text: `kvplug get -n ${shellQuote(`wrangler:${binding}`)} -- ${name}` },
  ];
}

/**
 * Ways to read a key elsewhere. None holds a token: it is taken from the environment.
 *
 * @param apiURL The address of the API behind the page.
 */
export function snippetsOf({ account, namespace, key }: Place, apiURL: string): Snippet[] {
  const url = `${apiURL}/accounts/${account}/storage/kv/namespaces/${namespace}/values/${encodeURIComponent(key)}`;
  const name = shellQuote(key);
  return [
    { title: "curl", text: `curl -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" ${shellQuote(url)}` },
    {
      title: "wrangler",
      text: `wrangler kv key get --remote --namespace-id ${shellQuote(namespace)} -- ${name}`,
    },
    { title: "kvplug", text: `kvplug get -n ${shellQuote(`:${namespace}`)} -- ${name}` },
    {
      title: "code",
      text: [
        `import { createKV } from "@kvplug/core";`,
        "",
        `const kv = createKV({ namespaceId: ${codeString(namespace)} });`,
        `const { value, metadata, expiration } = await kv.getWithMetadata(${codeString(key)});`,
        "await kv.close();",
      ].join("\n"),
    },
  ];
}

/** What a shell takes as it is. */
const PLAIN = /^[\w@%+:,./-][\w@%+=:,./-]*$/;

/** Control characters, and what turns the direction of writing. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** A word as a shell reads it back; with control characters as escapes of `$'…'`, which bash, zsh and ksh know. */
export function shellQuote(word: string): string {
  if (PLAIN.test(word)) return word;
  if (word.search(UNSEEN) === -1) return `'${word.replaceAll("'", String.raw`'\''`)}'`;
  return `$'${word.replaceAll(/[\\']/g, String.raw`\$&`).replace(UNSEEN, bytesOf)}'`;
}

/** A string of a program, with nothing in it that is not seen. */
export function codeString(text: string): string {
  return JSON.stringify(text).replace(UNSEEN, (character) =>
    Array.from({ length: character.length }, (_, i) => unit(character.charCodeAt(i))).join(""),
  );
}

function unit(code: number): string {
  return String.raw`\u${code.toString(16).padStart(4, "0")}`;
}

function bytesOf(character: string): string {
  const hex = (byte: number): string => String.raw`\x${byte.toString(16).padStart(2, "0")}`;
  return Array.from(new TextEncoder().encode(character), hex).join("");
}
