import { Command } from "commander";
import manifest from "../package.json" with { type: "json" };
import { addCompletion } from "./commands/completion.ts";
import { addCopy } from "./commands/copy.ts";
import { addDelete } from "./commands/delete.ts";
import { addDiff } from "./commands/diff.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addExport } from "./commands/export.ts";
import { addGateway } from "./commands/gateway.ts";
import { addGet } from "./commands/get.ts";
import { addHelp } from "./commands/help.ts";
import { addImport } from "./commands/import.ts";
import { addLs } from "./commands/ls.ts";
import { addMeta } from "./commands/meta.ts";
import { addMigrate } from "./commands/migrate.ts";
import { addNs } from "./commands/ns.ts";
import { addPut } from "./commands/put.ts";
import { addPurge } from "./commands/purge.ts";
import { addServe } from "./commands/serve.ts";
import { addStat } from "./commands/stat.ts";
import { addTop } from "./commands/top.ts";

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 the command line cannot be read, 3 a key is
missing or namespaces differ, 4 no access (credentials, account, profile,
namespace), 5 done but for a part, 130 Ctrl-C, 141 pipe closed, 143 SIGTERM.`;

/** The whole command line. What a command needs is loaded when it is called. */
export function createProgram(): Command {
  const program = new Command("kvplug")
    .description("Workers KV on the command line.")
    .version(manifest.version)
    .addHelpText("after", EXIT_CODES)
    .exitOverride()
    // Failures are printed by main.ts, all of them in the same way.
    .configureOutput({ outputError: () => {} });
  program.commandsGroup("Keys:");
  addGet(program);
  addPut(program);
  addDelete(program);
  addLs(program);
  addMeta(program);
  addStat(program);
  program.commandsGroup("Namespaces:");
  addNs(program);
  program.commandsGroup("Whole namespaces:");
  addExport(program);
  addImport(program);
  addCopy(program);
  addDiff(program);
  addPurge(program);
  addMigrate(program);
  program.commandsGroup("On this machine:");
  addServe(program);
  addTop(program);
  addDoctor(program);
  program.commandsGroup("At the edge:");
  addGateway(program);
  program.commandsGroup("On this machine:");
  addHelp(program);
  addCompletion(program);
  return program;
}
