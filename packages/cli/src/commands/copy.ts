import type { Command } from "commander";
import type { CopyFlags } from "../bulk/copy.ts";
import { withResume } from "../bulk/pages/resume.ts";
import { NAMESPACE_TEXT, withPatience, withPlaces } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { parseMapPrefix } from "../parse.ts";
import { withProgress } from "../progress/progress.ts";

/** Adds `kvplug copy`. */
export function addCopy(program: Command, context: Context): void {
  const command = program
    .command("copy")
    .description("Copy keys with values, metadata and expirations from one namespace into another.")
    .argument("<from>", NAMESPACE_TEXT)
    .argument("<to>", NAMESPACE_TEXT)
    .option("--prefix <prefix>", "only keys that begin with this")
    .option("--map-prefix <old=new>", "replace the prefix old by new", parseMapPrefix);
  withPlaces(withPatience(withProgress(withResume(command))))
    .addHelpText(
      "after",
      examples([
        ["kvplug copy sessions sessions-backup", "within an account"],
        ["kvplug copy prod:pages local:pages", "from the account of a profile to the local server"],
        ["kvplug copy binding:PAGES wrangler:PAGES", "from the account into `wrangler dev`"],
        ["kvplug copy a b --prefix old: --map-prefix old:=new:", "under other names"],
      ]),
    )
    .action(async (from: string, to: string, flags: CopyFlags) => {
      const { copy } = await import("../bulk/copy.ts");
      await copy(context, from, to, flags);
    });
}
