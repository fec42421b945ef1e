import type { Command } from "commander";
import { withNamespace, type NamespaceFlags } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";

/** Adds `kvplug doctor`. */
export function addDoctor(program: Command, context: Context): void {
  const command = program
    .command("doctor")
    .description("Show what is configured, where, and whether it works. Exit code 4 if it does not.")
    .option("--json", "an array of findings");
  withNamespace(command)
    .addHelpText(
      "after",
      examples([
        ["kvplug doctor", "what commands use without flags"],
        ["kvplug doctor --profile prod -n sessions", "a profile, and whether it can read a namespace"],
      ]),
    )
    .action(async (flags: NamespaceFlags & { json?: true }) => {
      const { doctor } = await import("../doctor/doctor.ts");
      await doctor(context, flags);
    });
}
