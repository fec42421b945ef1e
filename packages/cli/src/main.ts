#!/usr/bin/env node
import module from "node:module";
import { Command } from "commander";
import manifest from "../package.json" with { type: "json" };
import { addServe } from "./commands/serve.ts";
import { describeFailure } from "./failure.ts";

// A command is loaded when it is called, and from the second time on without being compiled again.
module.enableCompileCache?.();

const program = new Command("kvplug")
  .description("Workers KV on the command line.")
  .version(manifest.version)
  .addHelpText("after", "\nExit codes: 0 done, 1 failed, 2 the command line cannot be read.")
  .exitOverride()
  // Failures are printed below, all of them in the same way.
  .configureOutput({ outputError: () => {} });

addServe(program);

try {
  await program.parseAsync();
} catch (error) {
  const { exitCode, line } = describeFailure(error);
  if (line !== undefined) console.error(line);
  process.exitCode = exitCode;
}
