import type { Command } from "commander";
import type { ImportFlags } from "../bulk/import.ts";
import { withResume } from "../bulk/resume.ts";
import { withNamespace, withPatience } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { withProgress } from "../progress/progress.ts";

/** Adds `kvplug import`. */
export function addImport(program: Command, context: Context): void {
  const command = program
    .command("import")
    .description("Write the records of a file, of an export, wrangler's bulk JSON or CSV, or a folder's files.")
    .argument("<file>", "the file, compressed or not; a folder, whose paths are the keys; - for stdin")
    .option("--map", "the file is one object of keys with their values, as `wrangler kv bulk get` prints it")
    .option("--prefix <prefix>", "put this in front of the paths of a folder's files")
    .option("--keep-going", "leave out malformed records and keys that are refused, and end with code 5");
  withNamespace(withPatience(withProgress(withResume(command))))
    .addHelpText(
      "after",
      examples([
        ["kvplug import sessions.ndjson.gz -n sessions", "checked as a whole, then written"],
        ["kvplug import sessions.ndjson.gz -n sessions --resume", "after Ctrl-C, or worse"],
        ["kvplug import public/ -n pages --prefix assets/", "public/img/a.png becomes assets/img/a.png"],
        ["kvplug import seed.csv -n wrangler:PAGES", "for `wrangler dev` to find"],
        ["jq -c '.[]' pairs.json | kvplug import - -n pages", "from a pipe"],
      ]),
    )
    .action(async (file: string, flags: ImportFlags) => {
      const { importFile } = await import("../bulk/import.ts");
      await importFile(context, file, flags);
    });
}
