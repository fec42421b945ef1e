import type { Command } from "commander";
import { checkFlagOrder } from "../connect/flag-order.ts";
import { withNamespace, type NamespaceFlags } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";

/** Adds `kvplug stat`. */
export function addStat(program: Command, context: Context): void {
  const command = program
    .command("stat")
    .description("Show the size, type, metadata and expiration of keys.")
    .argument("<key...>", "the keys")
    .option("--json", "objects with key, bytes, type, metadata and expiration, one a line");
  withNamespace(command)
    .addHelpText("after", examples([["kvplug stat logo.png -n pages", "everything about a key"]]))
    .hook("preAction", () => checkFlagOrder(command, context.args))
    .action(async (keys: string[], flags: NamespaceFlags & { json?: true }) => {
      const { stat } = await import("../keys/stat.ts");
      await stat(context, keys, flags);
    });
}
