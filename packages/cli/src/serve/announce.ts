import type { RunningServer } from "@kvplug/server";
import type { Context } from "../context.ts";
import { escapeLines, printable } from "../printable.ts";
import { shellQuote } from "../shell.ts";

/** The most namespaces that are shown. */
const MOST_SHOWN = 10;

/** Where a token came from. */
export type TokenSource = "flag" | "variable";

/** What the server itself does not know. */
export interface AnnounceDetails {
  /** The file, if there is one. */
  data: string | undefined;
  /** Where the token came from; `undefined` if there is none. */
  tokenSource: TokenSource | undefined;
  /** The address of the page. */
  page: string;
}

/** Prints where the server listens, and what to paste into a shell to use it. */
export function announce(
  { stdout }: Context,
  { url, account, namespaces }: RunningServer,
  { data, tokenSource, page }: AnnounceDetails,
): void {
  const [first] = namespaces;
  const lines = [
    `kvplug serves ${url}`,
    data === undefined
      ? "The data is in memory, and gone when the server stops."
      : `The data is in ${printable(data)}.`,
    "",
    ...namespaces.slice(0, MOST_SHOWN).map(({ id, title }) => `  namespace ${id}  ${printable(title)}`),
    ...(namespaces.length > MOST_SHOWN ? [`  and ${namespaces.length - MOST_SHOWN} more`] : []),
    "",
    "To use it, paste into a shell:",
    "",
    `  export CLOUDFLARE_API_BASE_URL=${shellQuote(url)}`,
    `  export CLOUDFLARE_ACCOUNT_ID=${shellQuote(account)}`,
    `  export CLOUDFLARE_API_TOKEN=${tokenToPaste(tokenSource)}`,
    ...(first === undefined ? [] : [`  export CLOUDFLARE_KV_NAMESPACE_ID=${shellQuote(first.id)}`]),
    "",
    `To look into it, open ${page}`,
    "",
    "Ctrl-C stops it.",
  ];
  // It serves on where nobody reads this.
  stdout.write(escapeLines(`${lines.join("\n")}\n`));
}

/** Never the token: what is on a screen ends up in logs and recordings. */
function tokenToPaste(source: TokenSource | undefined): string {
  if (source === undefined) return "any";
  return source === "variable" ? '"$KVPLUG_TOKEN"' : "YOUR_TOKEN";
}
