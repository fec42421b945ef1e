import type { Command } from "commander";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { withServer, type ServerFlags } from "../serve/server-flags.ts";

/** Adds `kvplug run`. */
export function addRun(program: Command, context: Context): void {
  const command = program
    .command("run")
    .description("Run a command beside a local server, with the variables for it; exit with its exit code.")
    .argument("<command...>", "the command; after --, with its own flags")
    .passThroughOptions();
  withServer(command)
    .addHelpText(
      "after",
      examples([
        ["kvplug run -- npm test", "on a free port, in memory, with a namespace local"],
        ["kvplug run --namespace sessions --data kv.sqlite -- node app.js", "in a file"],
        ["kvplug run -- sh -c 'kvplug put k v && kvplug get k'", "several commands"],
      ]),
    )
    .action(async (words: string[], flags: ServerFlags) => {
      const { runBeside } = await import("../serve/run-beside.ts");
      await runBeside(context, words, flags);
    });
}
