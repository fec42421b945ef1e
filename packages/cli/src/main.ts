#!/usr/bin/env node
import module from "node:module";
import { describeFailure } from "./failure.ts";
import { createProgram } from "./program.ts";

// A command is loaded when it is called, and from the second time on without being compiled again.
module.enableCompileCache?.();

try {
  await createProgram().parseAsync();
} catch (error) {
  const { exitCode, line } = describeFailure(error);
  if (line !== undefined) console.error(line);
  process.exitCode = exitCode;
}
