import type { RunningServer } from "@kvplug/server";

/** The variables that lead a program to a server: the driver, the command, wrangler and Cloudflare's own SDK. */
export function variablesOf({ url, account, namespaces }: RunningServer, token: string): Record<string, string> {
  return {
    CLOUDFLARE_API_BASE_URL: url,
    CLOUDFLARE_BASE_URL: url,
    CLOUDFLARE_ACCOUNT_ID: account,
    CLOUDFLARE_API_TOKEN: token,
    ...(namespaces[0] && { CLOUDFLARE_KV_NAMESPACE_ID: namespaces[0].id }),
  };
}
