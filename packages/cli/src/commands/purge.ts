import { Option } from "commander";
import type { Command } from "commander";
import type { PurgeFlags } from "../bulk/purge.ts";
import { withResume } from "../bulk/pages/resume.ts";
import { withNamespace, withPatience } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { withWhere } from "../where.ts";
import { withProgress } from "../progress/progress.ts";

/** Adds `kvplug purge`. */
export function addPurge(program: Command, context: Context): void {
  const command = program
    .command("purge")
    .description("Delete many keys, by default all of a namespace. Asks first.")
    .addOption(new Option("--prefix <prefix>", "only keys that begin with this").conflicts("keys"))
    .addOption(new Option("--expired", "only keys that have expired but are still listed").conflicts("keys"))
    .addOption(
      new Option(
        "--keys <file>",
        "the keys in this file: one a line, the output of ls -0, or a JSON array; - for stdin",
      ).conflicts("where"),
    )
    .option("--yes", "do not ask");
  withNamespace(withPatience(withProgress(withResume(withWhere(command)))))
    .addHelpText(
      "after",
      examples([
        ["kvplug purge -n cache --prefix page:", "asks, then deletes 10,000 keys a request"],
        ["kvplug purge -n previews --where metadata.pr=123", "by metadata"],
        ["kvplug ls -0 tmp: -n cache | kvplug purge -n cache --keys - --yes", "the keys that another command printed"],
      ]),
    )
    .action(async (flags: PurgeFlags) => {
      const { purge } = await import("../bulk/purge.ts");
      await purge(context, flags);
    });
}
