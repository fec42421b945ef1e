import { say } from "./report.ts";

/** What leads to Cloudflare; `createKV()` reads it by itself. */
const VARIABLES = ["CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_KV_NAMESPACE_ID", "CLOUDFLARE_API_TOKEN"];

/** Whether the environment leads to a namespace of Cloudflare's. */
export function isCloudflareSet(): boolean {
  if (isThisMachine(process.env["CLOUDFLARE_API_BASE_URL"])) {
    say("note", "CLOUDFLARE_API_BASE_URL leads to this machine; this brings a server of its own");
    return false;
  }
  const missing = VARIABLES.filter((name) => !process.env[name]);
  if (missing.length === 1 || missing.length === 2) {
    say("note", `without ${missing.join(" and ")}, this stays on your machine`);
  }
  return missing.length === 0;
}

/** Whether this is what `kvplug serve` has one export. */
function isThisMachine(url: string | undefined): boolean {
  return url !== undefined && URL.canParse(url) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}
