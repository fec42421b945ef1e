import type { Command } from "commander";
import { once } from "../parse.ts";

/** The flags that say where `binding:NAME` and `wrangler:NAME` are. */
export interface WranglerFlags {
  wranglerConfig?: string;
  env?: string;
  persistTo?: string;
}

/** Adds them. @param group What they belong to, as the help says it. */
export function withWrangler(command: Command, group = "Of binding:NAME and wrangler:NAME:"): Command {
  return command
    .optionsGroup(group)
    .option("--wrangler-config <file>", "the configuration (default: the nearest wrangler.jsonc or .toml)", once())
    .option("--env <name>", "its environment (default: CLOUDFLARE_ENV)", once())
    .option("--persist-to <folder>", "the state of `wrangler dev` (default: .wrangler/state beside it)", once());
}
