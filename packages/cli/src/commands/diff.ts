import type { Command } from "commander";
import type { DiffFlags } from "../bulk/diff.ts";
import { NAMESPACE_TEXT, withPatience, withPlaces } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { withProgress } from "../progress/progress.ts";

/** Adds `kvplug diff`. */
export function addDiff(program: Command, context: Context): void {
  const command = program
    .command("diff")
    .description("Compare two namespaces: - only in the first, + only in the second, ~ in both but different.")
    .argument("<first>", NAMESPACE_TEXT)
    .argument("<second>", NAMESPACE_TEXT)
    .option("--prefix <prefix>", "only keys that begin with this");
  withPlaces(withPatience(withProgress(command)))
    .addHelpText(
      "after",
      examples([["kvplug diff prod:pages local:pages", "exit code 0 if they are the same, else 3"]]),
    )
    .action(async (first: string, second: string, flags: DiffFlags) => {
      const { diff } = await import("../bulk/diff.ts");
      await diff(context, first, second, flags);
    });
}
