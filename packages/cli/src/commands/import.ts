import type { Command } from "commander";
import type { ImportFlags } from "../bulk/import.ts";
import { withResume } from "../bulk/pages/resume.ts";
import { withNamespace, withPatience } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { withProgress } from "../progress/progress.ts";

/** Adds `kvplug import`. */
export function addImport(program: Command, context: Context): void {
  const command = program
    .command("import")
    .description("Write the records of an export, of wrangler's bulk JSON or of CSV, or the files of a folder.")
    .argument("<file>", "the file, compressed or not; a folder, whose paths become keys; - for stdin")
    .option("--map", "read one object of keys and values, as `wrangler kv bulk get` prints it")
    .option("--prefix <prefix>", "prefix the paths of a folder's files with this")
    .option("--keep-going", "skip malformed records and rejected keys, and exit with code 5");
  withNamespace(withPatience(withProgress(withResume(command))))
    .addHelpText(
      "after",
      examples([
        ["kvplug import sessions.ndjson.gz -n sessions", "checks it completely, then writes"],
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
