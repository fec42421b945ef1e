import { say } from "./report.ts";

/** What leads to Cloudflare; `createKV()` reads it by itself. */
const VARIABLES = ["CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_KV_NAMESPACE_ID", "CLOUDFLARE_API_TOKEN"];

/** Whether the environment leads to a namespace of Cloudflare's. */
export function isCloudflareSet(): boolean {
  const missing = VARIABLES.filter((name) => !process.env[name]);
  if (missing.length === 1 || missing.length === 2) {
    say("note", `without ${missing.join(" and ")}, this stays on your machine`);
  }
  return missing.length === 0;
}
