import type { Command } from "commander";
import { checkFlagOrder } from "../connect/flag-order.ts";
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
        ["kvplug delete -n sessions user:1 user:2", "two keys in one request"],
        ["kvplug delete -n sessions -- -dash", "a key that begins with -"],
        ["kvplug ls -0 tmp: | xargs -0 kvplug delete -n cache --", "safe for any key name"],
      ]),
    )
    .hook("preAction", () => checkFlagOrder(command, context.args, true))
    .action(async (keys: string[], flags: NamespaceFlags) => {
      const { withTarget } = await import("../connect/connections.ts");
      const { untilStopped } = await import("../keys/until-stopped.ts");
      await withTarget(context, flags, ({ kv }) =>
        untilStopped(context, "The deletion", (signal) => kv.deleteMany(keys, { signal })),
      );
    });
}
