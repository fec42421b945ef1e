/**
 * Runs blocks of the documentation one after the other in this process, and prints for each, as a line of JSON, what it
 * printed: `run-blocks.ts BLOCKS`, the file and the environment of each as JSON.
 *
 * @module
 */
import { writeSync } from "node:fs";

/** What came of a block. */
export interface RanBlock {
  /** Of both streams. */
  output: string;
  failed: boolean;
}

const STDOUT = 1;

let output = "";
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk: string | Uint8Array): boolean => {
    output += String(chunk);
    return true;
  };
}

for (const { file, env } of JSON.parse(process.argv[2]!) as { file: string; env: Record<string, string> }[]) {
  output = "";
  Object.assign(process.env, env);
  let failed = false;
  try {
    await import(file);
  } catch (error) {
    failed = true;
    console.error(error);
  }
  writeSync(STDOUT, `${JSON.stringify({ output, failed } satisfies RanBlock)}\n`);
}
// Whether each ends by itself is seen where each has a process of its own.
process.exit();
