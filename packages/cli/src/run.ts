import { EXIT } from "./command-error.ts";
import type { Context } from "./context.ts";
import { describeFailure } from "./failure.ts";
import { tell } from "./print.ts";
import { createProgram } from "./program.ts";

/** Runs the command line, prints how it ended, and resolves with the exit code. */
export async function run(context: Context): Promise<number> {
  // The writer reports failures of stdout, and nobody those of stderr; the event alone would end the process
  // with a stack trace.
  for (const stream of [context.stdout, context.stderr]) stream.on("error", () => {});
  try {
    await createProgram(context).parseAsync(context.args, { from: "user" });
    return EXIT.done;
  } catch (error) {
    const { exitCode, line } = describeFailure(error);
    if (line !== undefined) tell(context, line);
    return exitCode;
  }
}
