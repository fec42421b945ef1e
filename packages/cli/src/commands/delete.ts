import type { Command } from "commander";
import { withNamespace, type NamespaceFlags } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";

/** Adds `kvplug delete`. */
export function addDelete(program: Command, context: Context): void {
  const command = program
    .command("delete")
    .description("Delete keys, whether or not they exist; see purge for many.")
    .argument("<key...>", "the keys");
  withNamespace(command)
    .addHelpText(
      "after",
      examples([
        ["kvplug delete user:1 user:2 -n sessions", "two keys, one request"],
        ["kvplug delete -n sessions -- -dash", "one that begins with -"],
      ]),
    )
    .action(async (keys: string[], flags: NamespaceFlags) => {
      const { withTarget } = await import("../connect/connections.ts");
      await withTarget(context, flags, ({ kv }) => kv.deleteMany(keys));
    });
}
