import type { Command } from "commander";
import { checkFlagOrder } from "../connect/flag-order.ts";
import { withNamespace, type NamespaceFlags } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";

/** Adds `kvplug meta`. */
export function addMeta(program: Command, context: Context): void {
  const command = program
    .command("meta")
    .description("Print the metadata of keys as JSON, one a line, without reading their values.")
    .argument("<key...>", "the keys");
  withNamespace(command)
    .addHelpText("after", examples([["kvplug meta user:1 -n sessions", "null if it has none"]]))
    .hook("preAction", () => checkFlagOrder(command, context.args))
    .action(async (keys: string[], flags: NamespaceFlags) => {
      const { meta } = await import("../keys/stat.ts");
      await meta(context, keys, flags);
    });
}
