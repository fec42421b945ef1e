import { CommandError, EXIT } from "./command-error.ts";
import { messageOf } from "./failure.ts";

/**
 * Writes to stdout, and resolves when there is room for more.
 *
 * @throws {CommandError} where nobody reads any more, or the disk behind it is full.
 */
export function writeOut(data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(data, (error) => {
      if (error) reject(failure(error));
      else resolve();
    });
  });
}

/** Prints a line, or lines, in the same way. */
export function printLine(line: string): Promise<void> {
  return writeOut(`${line}\n`);
}

// Its failures are told by the callbacks above; the event alone would end the process with a stack trace.
process.stdout.on("error", () => {});

function failure(error: NodeJS.ErrnoException): CommandError {
  if (error.code === "EPIPE") return new CommandError(EXIT.pipeClosed, "");
  return new CommandError(EXIT.failed, `Writing to stdout failed: ${messageOf(error)}`, error);
}
