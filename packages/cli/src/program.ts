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
import { addProxy } from "./commands/proxy.ts";
import { addPut } from "./commands/put.ts";
import { addPurge } from "./commands/purge.ts";
import { addRun } from "./commands/run.ts";
import { addServe } from "./commands/serve.ts";
import { addStat } from "./commands/stat.ts";
import { addTop } from "./commands/top.ts";
import { addUi } from "./commands/ui.ts";
import type { Context } from "./context.ts";
import { columnsOf } from "./terminal.ts";

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 invalid command line, 3 a key is missing or
namespaces differ, 4 no access (credentials, account, profile, namespace),
5 done in part, 130 Ctrl-C, 141 pipe closed, 143 SIGTERM.`;

/** The whole command line. What a command needs is loaded when it is called. */
export function createProgram(context: Context): Command {
  const { stdout, stderr } = context;
  const program = new Command("kvplug")
    .description("Workers KV on the command line.")
    .version(manifest.version)
    .addHelpText("after", EXIT_CODES)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => (stdout.isTTY ? columnsOf(stdout) : undefined!),
      getErrHelpWidth: () => (stderr.isTTY ? columnsOf(stderr) : undefined!),
      // Failures are printed by run.ts, all of them in the same way.
      outputError: () => {},
    });
  program.commandsGroup("Keys:");
  addGet(program, context);
  addPut(program, context);
  addDelete(program, context);
  addLs(program, context);
  addMeta(program, context);
  addStat(program, context);
  program.commandsGroup("Namespaces:");
  addNs(program, context);
  program.commandsGroup("Whole namespaces:");
  addExport(program, context);
  addImport(program, context);
  addCopy(program, context);
  addDiff(program, context);
  addPurge(program, context);
  addMigrate(program, context);
  program.commandsGroup("On this machine:");
  addServe(program, context);
  addUi(program, context);
  addRun(program, context);
  addProxy(program, context);
  addTop(program, context);
  addDoctor(program, context);
  program.commandsGroup("At the edge:");
  addGateway(program, context);
  program.commandsGroup("On this machine:");
  addHelp(program);
  addCompletion(program);
  return program;
}
