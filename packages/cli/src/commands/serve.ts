import type { Command } from "commander";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { parsePort } from "../parse.ts";
import type { ServeFlags } from "../serve/serve.ts";
import { withServer } from "../serve/server-flags.ts";

/** Adds `kvplug serve`. */
export function addServe(program: Command, context: Context): void {
  const command = program
    .command("serve")
    .description("Serve the complete KV REST API on this machine, until SIGINT or SIGTERM.")
    .option("--port <number>", "the port; 0 picks a free one", parsePort, 8787)
    .option("--host <address>", "the address; anything but loopback requires a token", "127.0.0.1");
  withServer(command)
    .addHelpText(
      "after",
      examples([
        ["kvplug serve", "in memory, with a namespace local"],
        ["kvplug serve --data kv.sqlite --namespace sessions", "in a file, created if missing"],
        [
          "kvplug serve --latency 20-200 --rate-limit 1200/300 --write-limit",
          "slow, with a budget, and one write a second per key",
        ],
        ["kvplug serve --port 0 --namespace tests=tests", "for a script: a free port and a fixed id"],
      ]),
    )
    .action(async (flags: ServeFlags) => {
      // A command loads what it needs: the help and a mistyped flag should not wait for a server.
      const { serve } = await import("../serve/serve.ts");
      await serve(context, flags);
    });
}
