import { Option } from "commander";
import type { Command } from "commander";
import type { ExportFlags } from "../bulk/export.ts";
import { withNamespace, withPatience } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { withWhere } from "../where.ts";
import { withProgress } from "../progress/progress.ts";

/** Adds `kvplug export`. */
export function addExport(program: Command, context: Context): void {
  const command = program
    .command("export")
    .description("Write keys with values, metadata and expirations to a file or stdout.")
    .option("--prefix <prefix>", "only keys that begin with this")
    .option("-o, --output <file>", "the file (default: stdout)")
    .addOption(
      new Option(
        "--format <format>",
        "one record a line, wrangler's array, or CSV (default: by the file's name)",
      ).choices(["ndjson", "json", "csv"]),
    )
    .option("--gzip", "compress (default: where the file's name ends in .gz)")
    .addOption(new Option("--resume", "continue an earlier export into this file").conflicts("force"))
    .option("--force", "replace the file");
  withNamespace(withPatience(withProgress(withWhere(command))))
    .addHelpText(
      "after",
      examples([
        ["kvplug export -n sessions -o sessions.ndjson.gz", "one record a line, compressed"],
        ["kvplug export -n sessions -o sessions.ndjson.gz --resume", "after Ctrl-C, or worse"],
        ["kvplug export -n pages --prefix en/ -o en.json", "for wrangler kv bulk put"],
        ["kvplug export -n pages -o pages.csv", "for a spreadsheet"],
        ["kvplug export -n wrangler:PAGES -o pages.ndjson", "the local data of `wrangler dev`"],
        ["kvplug export -n previews --where metadata.pr=123", "by metadata; reads no other values"],
        ["kvplug export -n pages | jq -r .key", "to a pipe"],
      ]),
    )
    .action(async (flags: ExportFlags) => {
      const { exportNamespace } = await import("../bulk/export.ts");
      await exportNamespace(context, flags);
    });
}
