import type { RunningServer } from "@kvplug/server";

/** The most namespaces that are shown. */
const MOST_SHOWN = 10;

/** What the server itself does not tell. */
export interface AnnounceDetails {
  /** The file, where there is one. */
  data: string | undefined;
  /** Where the token came from, in commander's words; `undefined` where there is none. */
  tokenSource: string | undefined;
}

/** Says where the server listens, and what to paste into a shell that shall use it. */
export function announce({ url, account, namespaces }: RunningServer, { data, tokenSource }: AnnounceDetails): void {
  const [first] = namespaces;
  const lines = [
    `kvplug serves ${url}`,
    data === undefined ? "The data are in memory, and gone when it ends." : `The data are in ${data}.`,
    "",
    ...namespaces.slice(0, MOST_SHOWN).map(({ id, title }) => `  namespace ${id}  ${title}`),
    ...(namespaces.length > MOST_SHOWN ? [`  and ${namespaces.length - MOST_SHOWN} more`] : []),
    "",
    "To use it, paste into a shell:",
    "",
    `  export CLOUDFLARE_API_BASE_URL=${url}`,
    `  export CLOUDFLARE_ACCOUNT_ID=${account}`,
    `  export CLOUDFLARE_API_TOKEN=${tokenToPaste(tokenSource)}`,
    ...(first === undefined ? [] : [`  export CLOUDFLARE_KV_NAMESPACE_ID=${first.id}`]),
    "",
    "Ctrl-C ends it.",
  ];
  console.log(lines.join("\n"));
}

/** Never the token: what is on a screen ends up in logs and recordings. */
function tokenToPaste(source: string | undefined): string {
  if (source === undefined) return "any";
  return source === "env" ? '"$KVPLUG_TOKEN"' : "YOUR_TOKEN";
}
