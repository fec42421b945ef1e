import { Option } from "commander";
import type { Command } from "commander";
import { withAccount } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import type { CheckFlags } from "../gateway/check.ts";
import type { InitFlags } from "../gateway/init.ts";
import { parseNamespace } from "../parse.ts";

/** Adds `kvplug gateway` and what is below it. */
export function addGateway(program: Command, context: Context): void {
  const gateway = program
    .command("gateway")
    .description("Create and check a gateway: a Worker with the KV REST API but no request budget.")
    .addHelpText(
      "after",
      examples([
        ["kvplug gateway init -n sessions", "looks up the id and writes kv-gateway/"],
        ["kvplug gateway init edge -n sessions=0f2a… -n pages=77b1…", "into edge/, without a request"],
        ["kvplug gateway check", "with KVPLUG_GATEWAY_URL and KVPLUG_GATEWAY_TOKEN"],
      ]),
    );

  const initialise = gateway
    .command("init")
    .description("Write a wrangler project and print its token once; the project contains only its hash.")
    .argument("[folder]", "the folder; nothing is overwritten", "kv-gateway")
    .addOption(
      new Option(
        "-n, --namespace <title[=id]>",
        "a namespace to serve; repeatable. An id that is left out is looked up",
      )
        .argParser(parseNamespace)
        .makeOptionMandatory(),
    )
    .option("--name <name>", "the Worker's name", "kv-gateway")
    .option("--read-only", "a read-only token");
  withAccount(initialise)
    .addHelpText(
      "after",
      examples([
        ["kvplug gateway init -n sessions", "looks up the id and writes kv-gateway/"],
        ["kvplug gateway init edge -n sessions=0f2a… --read-only", "into edge/, without a request"],
      ]),
    )
    .action(async (folder: string, flags: InitFlags) => {
      const { init } = await import("../gateway/init.ts");
      await init(context, folder, flags);
    });

  gateway
    .command("check")
    .description("Test a deployed gateway: auth, write, read, delete, latency. Writes a key and deletes it.")
    .argument("[url]", "the Worker's URL (env: KVPLUG_GATEWAY_URL)")
    .option(
      "--token <token>",
      "its token, with the URL; the variables hide it from other users (env: KVPLUG_GATEWAY_TOKEN)",
    )
    .option("-n, --namespace <title or id>", "the namespace (default: the first that the token may access)")
    .option("--account <id>", "the account, if the gateway requires one")
    .option("--prefix <prefix>", "a prefix for the key, for a token limited to some prefixes")
    .option("--json", "one object a line")
    .addHelpText(
      "after",
      examples([
        ["kvplug gateway check", "with KVPLUG_GATEWAY_URL and KVPLUG_GATEWAY_TOKEN"],
        ["kvplug gateway check http://127.0.0.1:8787 --token kvplug_…", "one started by `npm run dev`"],
      ]),
    )
    .action(async (url: string | undefined, flags: CheckFlags) => {
      const { check } = await import("../gateway/check.ts");
      await check(context, url, flags);
    });
}
