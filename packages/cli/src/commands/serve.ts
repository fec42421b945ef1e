import type { Milliseconds } from "@kvplug/core/seam";
import type { NamespaceOption, ServerOptions } from "@kvplug/server";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import {
  parseFaults,
  parseLatency,
  parseMilliseconds,
  parseNamespace,
  parsePort,
  parseRateLimit,
  parseSeed,
} from "../parse.ts";

/** The flags as they are parsed: options of the server, but for two. */
export interface ServeFlags extends Omit<ServerOptions, "namespaces" | "consistency" | "now"> {
  port: number;
  host: string;
  namespace?: NamespaceOption[];
  eventual?: Milliseconds;
}

/** Adds `kvplug serve`. */
export function addServe(program: Command, context: Context): void {
  program
    .command("serve")
    .description("Serve the whole KV REST API on this machine, until SIGINT or SIGTERM.")
    .option("--port <number>", "the port; 0 picks a free one", parsePort, 8787)
    .option("--host <address>", "the address; beyond loopback, a token is demanded", "127.0.0.1")
    .option("--data <file>", "keep the data in this SQLite file (default: in memory)")
    .option("--token <token>", "demand this API token; the variable hides it from other users (env: KVPLUG_TOKEN)")
    .option("--account <id>", "the id of the account", "local")
    .option(
      "--namespace <title[=id]>",
      "have this namespace; repeatable (default: local, if there is none)",
      parseNamespace,
    )
    .optionsGroup("As unkind as the real thing:")
    .option("--latency <ms|min-max>", "delay each request, such as 50 or 20-200", parseLatency)
    .option("--rate-limit <requests/seconds>", "answer 429 beyond it; Cloudflare's is 1200/300", parseRateLimit)
    .option("--write-limit", "answer 429 beyond one write a second of a key")
    .option("--faults <kind=share,...>", "fail this share: errors, drops, html, unsuccessful-keys", parseFaults)
    .option("--eventual <ms>", "let reads be as old as this; Cloudflare's may be 60000", parseMilliseconds)
    .option("--seed <number>", "repeat the random choices of all these", parseSeed)
    .addHelpText(
      "after",
      examples([
        ["kvplug serve", "in memory, with a namespace local"],
        ["kvplug serve --data kv.sqlite --namespace sessions", "kept in a file, which is created"],
        [
          "kvplug serve --latency 20-200 --rate-limit 1200/300 --write-limit",
          "slow, with the budget, and one write a second of a key",
        ],
        ["kvplug serve --port 0 --namespace tests=tests", "for a script: a free port, and an id that is known"],
      ]),
    )
    .action(async (flags: ServeFlags) => {
      // A command loads what it needs: the help and a mistyped flag should not wait for a server.
      const { serve } = await import("../serve/serve.ts");
      await serve(context, flags);
    });
}
