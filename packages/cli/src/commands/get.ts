import { Option } from "commander";
import type { Command } from "commander";
import { checkFlagOrder } from "../connect/flag-order.ts";
import { withNamespace } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import type { GetFlags } from "../keys/get.ts";

/** Adds `kvplug get`. */
export function addGet(program: Command, context: Context): void {
  const command = program
    .command("get")
    .description("Print the values of keys, byte for byte.")
    .argument("<key...>", "the keys; several values are printed one after another")
    .addOption(new Option("--type <type>", "require this type; json is indented").choices(["text", "json", "bytes"]))
    .option("--raw", "the exact bytes, even on a terminal; json on one line")
    .option("--json", "records with key, value, metadata and expiration, one a line");
  withNamespace(command)
    .addHelpText(
      "after",
      examples([
        ["kvplug get greeting -n pages", "one value"],
        ["kvplug get logo.png -n prod:pages > logo.png", "bytes go through unharmed"],
        ["kvplug get user:1 --type json --local", "from the local server"],
      ]),
    )
    .hook("preAction", () => checkFlagOrder(command, context.args))
    .action(async (keys: string[], flags: GetFlags) => {
      const { get } = await import("../keys/get.ts");
      await get(context, keys, flags);
    });
}
