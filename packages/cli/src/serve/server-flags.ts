import type { Milliseconds } from "@kvplug/core/seam";
import type { NamespaceOption, ServerOptions } from "@kvplug/server";
import type { Command } from "commander";
import { parseFaults, parseLatency, parseMilliseconds, parseNamespace, parseRateLimit, parseSeed } from "../parse.ts";

/** A server's flags: its options, with two exceptions. */
export interface ServerFlags extends Omit<ServerOptions, "namespaces" | "consistency" | "now"> {
  namespace?: NamespaceOption[];
  eventual?: Milliseconds;
}

/** Adds the flags of a local server, except where it listens. */
export function withServer(command: Command): Command {
  return command
    .option("--data <file>", "keep the data in this SQLite file (default: in memory)")
    .option("--token <token>", "require this API token; the variable hides it from other users (env: KVPLUG_TOKEN)")
    .option("--account <id>", "the account id", "local")
    .option(
      "--namespace <title[=id]>",
      "create this namespace; repeatable (default: local, if there is none)",
      parseNamespace,
    )
    .optionsGroup("Fault injection:")
    .option("--latency <ms|min-max>", "delay each request, such as 50 or 20-200", parseLatency)
    .option("--rate-limit <requests/seconds>", "answer 429 above it; Cloudflare's is 1200/300", parseRateLimit)
    .option("--write-limit", "answer 429 above one write a second per key")
    .option("--faults <kind=share,...>", "fail this share: errors, drops, html, unsuccessful-keys", parseFaults)
    .option("--eventual <ms>", "let reads be this old; Cloudflare's may be 60000", parseMilliseconds)
    .option("--seed <number>", "make all random choices repeatable", parseSeed);
}

/** The same as options of the server. */
export function serverOptions({ namespace, eventual, ...options }: ServerFlags): ServerOptions {
  return {
    ...options,
    namespaces: namespace,
    consistency: eventual === undefined ? undefined : { propagation: eventual },
  };
}
