import type { KVClientOptions } from "@kvplug/core";
import type { RunningProxy } from "@kvplug/proxy";
import type { Context } from "../context.ts";
import { escapeLines, printable } from "../printable.ts";
import { shellQuote } from "../shell.ts";

/** What the proxy itself does not tell. */
export interface ProxyDetails {
  upstream: KVClientOptions;
  /** The Unix socket, where it listens on one. */
  socket: string | undefined;
  /** Whether it lets in everybody who reaches it. */
  isOpen: boolean;
}

/** Says where the proxy listens, and what to paste into a shell that shall use it. */
export function announceProxy(
  { stdout }: Context,
  { url }: RunningProxy,
  { upstream, socket, isOpen }: ProxyDetails,
): void {
  const { baseURL = "", accountId = "" } = upstream;
  const lines = [
    `kvplug proxies ${printable(baseURL)} at ${socket === undefined ? url : printable(socket)}`,
    "",
    "To use it, paste into a shell:",
    "",
    `  export CLOUDFLARE_API_BASE_URL=${shellQuote(url)}`,
    `  export CLOUDFLARE_ACCOUNT_ID=${shellQuote(accountId)}`,
    `  export CLOUDFLARE_API_TOKEN=${isOpen ? "any" : "YOUR_TOKEN"}`,
    "",
    "Ctrl-C stops it.",
  ];
  // It serves on where nobody reads this.
  stdout.write(escapeLines(`${lines.join("\n")}\n`));
}
