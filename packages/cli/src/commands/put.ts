import { Option } from "commander";
import type { Command } from "commander";
import { checkFlagOrder } from "../connect/flag-order.ts";
import { withNamespace } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import type { PutFlags } from "../keys/put.ts";
import { parseExpiration, parseMetadata, parseTtl } from "../parse.ts";

/** Adds `kvplug put`. */
export function addPut(program: Command, context: Context): void {
  const command = program
    .command("put")
    .description("Write the value of a key: the argument, a file, or stdin.")
    .argument("<key>", "the key")
    .argument("[value]", "the value (default: stdin)")
    .option("--file <file>", "read the value from this file, byte for byte")
    .addOption(new Option("--type <type>", "require this type").choices(["text", "json", "bytes"]))
    .addOption(
      new Option("--ttl <seconds>", "time to live: 3600, 60m, 1h or 30d; at least 60 s")
        .argParser(parseTtl)
        .conflicts("expiration"),
    )
    .option("--expiration <moment>", "when it expires: Unix seconds, or a date", parseExpiration)
    .option("--metadata <json>", "any JSON of up to 1,024 bytes", parseMetadata);
  withNamespace(command)
    .addHelpText(
      "after",
      examples([
        ["kvplug put greeting hello --ttl 1h", "a value from the command line"],
        ["kvplug put logo.png --file logo.png", "a value from a file"],
        ['date | kvplug put now --metadata \'{"by":"cron"}\'', "a value from a pipe"],
      ]),
    )
    .hook("preAction", () => checkFlagOrder(command, context.args))
    .action(async (key: string, value: string | undefined, flags: PutFlags) => {
      const { put } = await import("../keys/put.ts");
      await put(context, key, value, flags);
    });
}
