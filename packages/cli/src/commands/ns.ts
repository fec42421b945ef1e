import type { Command } from "commander";
import { withAccount, type AccountFlags } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";

/** Adds `kvplug ns` and what is below it. */
export function addNs(program: Command, context: Context): void {
  const ns = program
    .command("ns")
    .description("List, create, rename, delete and find namespaces.")
    .addHelpText(
      "after",
      examples([
        ["kvplug ns list --local", "of the local server"],
        ["export CLOUDFLARE_KV_NAMESPACE_ID=$(kvplug ns find sessions)", "a title's id"],
      ]),
    );
  withAccount(ns.command("list").description("Print ids and titles.").option("--json", "objects, one a line"))
    .addHelpText("after", examples([["kvplug ns list --local", "of the local server"]]))
    .action(async (flags: AccountFlags & { json?: true }) =>
      (await import("../keys/namespaces.ts")).list(context, flags),
    );
  withAccount(
    ns.command("create").description("Create a namespace, and print its id.").argument("<title>", "its title"),
  )
    .addHelpText("after", examples([["kvplug ns create sessions", "prints 32 hexadecimal digits"]]))
    .action(async (title: string, flags: AccountFlags) =>
      (await import("../keys/namespaces.ts")).create(context, title, flags),
    );
  withAccount(
    ns
      .command("rename")
      .description("Change a namespace's title.")
      .argument("<title or id>", "the namespace")
      .argument("<new title>", "the new title"),
  )
    .addHelpText("after", examples([["kvplug ns rename sessions sessions-old", "keeps its id and keys"]]))
    .action(async (titleOrId: string, title: string, flags: AccountFlags) =>
      (await import("../keys/namespaces.ts")).rename(context, titleOrId, title, flags),
    );
  withAccount(
    ns
      .command("delete")
      .description("Delete a namespace and everything in it.")
      .argument("<title or id>", "the namespace")
      .option("--yes", "do not ask"),
  )
    .addHelpText("after", examples([["kvplug ns delete sessions-old", "asks first"]]))
    .action(async (titleOrId: string, flags: AccountFlags & { yes?: true }) =>
      (await import("../keys/namespaces.ts")).remove(context, titleOrId, flags),
    );
  withAccount(ns.command("find").description("Print the id of a namespace.").argument("<title>", "its title"))
    .addHelpText("after", examples([["export CLOUDFLARE_KV_NAMESPACE_ID=$(kvplug ns find sessions)", "a title's id"]]))
    .action(async (title: string, flags: AccountFlags) =>
      (await import("../keys/namespaces.ts")).find(context, title, flags),
    );
}
