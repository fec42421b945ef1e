#!/usr/bin/env node
import module from "node:module";
import { processContext } from "./context.ts";
import { leanHeap } from "./lean-heap.ts";
import { tooOld } from "./oldest-node.ts";

// An older Node fails at what all else imports, with a stack trace.
const refusal = tooOld(process.versions.node);
if (refusal !== undefined) {
  console.error(refusal);
  process.exit(1);
}
// Before anything else is loaded, which would be loaded twice.
leanHeap();
// A command is loaded when it is called, and from the second time on without being compiled again.
module.enableCompileCache?.();

const { run } = await import("./run.ts");
process.exitCode = await run(processContext());
