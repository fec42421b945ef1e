import { Option, type Command } from "commander";
import { withAccount } from "../connect/flags.ts";
import { withWrangler } from "../wrangler/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { parsePort } from "../parse.ts";
import type { UiFlags } from "../ui/ui.ts";

/** Adds `kvplug ui`. */
export function addUi(program: Command, context: Context): void {
  const command = program
    .command("ui")
    .description(
      "Look into namespaces in a browser: of an account, a gateway, a proxy, a local server or its file, or wrangler dev.",
    )
    .option("--port <number>", "the port of the page; 0 picks a free one", parsePort, 0)
    .option("--data <file>", "the file of a local server, in place of an account")
    .addOption(
      new Option("--wrangler", "what `wrangler dev` keeps on this machine, in place of an account").conflicts("data"),
    )
    .option("--read-only", "write nothing");
  withWrangler(withAccount(command), "Of --wrangler:")
    .addHelpText(
      "after",
      examples([
        ["kvplug ui", "the account of the environment"],
        ["kvplug ui --profile prod --read-only", "look, and change nothing"],
        ["kvplug ui --data kv.sqlite", "a file, without a server"],
        ["kvplug ui --wrangler", "the namespaces that the nearest wrangler.jsonc or .toml binds"],
        ["kvplug ui --local", "the server of `kvplug serve`, which shows the same page itself"],
      ]),
    )
    .action(async (flags: UiFlags) => {
      const { ui } = await import("../ui/ui.ts");
      await ui(context, flags);
    });
}
