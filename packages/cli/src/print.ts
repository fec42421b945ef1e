import { CommandError, EXIT } from "./command-error.ts";
import type { Context } from "./context.ts";
import { messageOf } from "./failure.ts";

/**
 * Writes to stdout, and resolves when there is room for more.
 *
 * @throws {CommandError} where nobody reads any more, or the disk behind it is full.
 */
export function writeOut({ stdout }: Pick<Context, "stdout">, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout.write(data, (error) => {
      if (error) reject(failure(error));
      else resolve();
    });
  });
}

/** Prints a line, or lines, in the same way. */
export function printLine(context: Pick<Context, "stdout">, line: string): Promise<void> {
  return writeOut(context, `${line}\n`);
}

/** Says a line on stderr, whether or not anybody listens. */
export function tell({ stderr }: Pick<Context, "stderr">, line: string): void {
  stderr.write(`${line}\n`);
}

function failure(error: NodeJS.ErrnoException): CommandError {
  if (error.code === "EPIPE") return new CommandError(EXIT.pipeClosed, "");
  return new CommandError(EXIT.failed, `Writing to stdout failed: ${messageOf(error)}`, error);
}
