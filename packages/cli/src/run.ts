import { describeFailure } from "./failure.ts";
import { createProgram } from "./program.ts";

/** Runs what the command line says, and tells how that ended. */
export async function run(): Promise<void> {
  try {
    await createProgram().parseAsync();
  } catch (error) {
    const { exitCode, line } = describeFailure(error);
    if (line !== undefined) console.error(line);
    process.exitCode = exitCode;
  }
}
