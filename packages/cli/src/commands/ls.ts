import { Option } from "commander";
import type { Command } from "commander";
import { withNamespace } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import type { LsFlags } from "../keys/ls.ts";
import { withWhere } from "../where.ts";
import { parseCount } from "../parse.ts";

/** Adds `kvplug ls`. */
export function addLs(program: Command, context: Context): void {
  const command = program
    .command("ls")
    .description("List key names, ordered by their bytes.")
    .argument("[prefix]", "only names that begin with this")
    .addOption(new Option("-l, --long", "also expirations and metadata").conflicts(["json", "null"]))
    .addOption(new Option("--json", "objects with name, expiration and metadata, one a line").conflicts("null"))
    .option("-0, --null", "end names with a zero byte, for xargs -0")
    .option("--limit <number>", "the most names", parseCount);
  withNamespace(withWhere(command))
    .addHelpText(
      "after",
      examples([
        ["kvplug ls user: -n sessions | head", "requests only the pages that are read"],
        ["kvplug ls -n previews --where metadata.pr=123", "by metadata"],
        ["kvplug ls -0 tmp: | xargs -0 kvplug delete -n cache --", "safe for any key name"],
      ]),
    )
    .action(async (prefix: string | undefined, flags: LsFlags) => {
      const { ls } = await import("../keys/ls.ts");
      await ls(context, prefix, flags);
    });
}
