import { CommandError, EXIT } from "./command-error.ts";
import type { Context } from "./context.ts";
import { messageOf } from "./failure.ts";
import { escapeControls, escapeLines } from "./printable.ts";

/**
 * Writes data to stdout, byte for byte, and resolves when there is room for more. For text that people read, use
 * {@link print}.
 *
 * @throws {CommandError} if stdout is closed, or its disk is full.
 */
export function writeOut({ stdout }: Pick<Context, "stdout">, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout.write(data, (error) => {
      if (error) reject(failure(error));
      else resolve();
    });
  });
}

/** Prints text in the same way, with all but its line breaks and tabs shown that a terminal would obey. */
export function print(context: Pick<Context, "stdout">, text: string): Promise<void> {
  return writeOut(context, escapeLines(text));
}

/** Prints a line, or lines. */
export function printLine(context: Pick<Context, "stdout">, line: string): Promise<void> {
  return print(context, `${line}\n`);
}

/** Says one line on stderr, whether or not anybody listens; nothing in it is obeyed by a terminal. */
export function tell({ stderr }: Pick<Context, "stderr">, line: string): void {
  stderr.write(`${escapeControls(line)}\n`);
}

function failure(error: NodeJS.ErrnoException): CommandError {
  if (error.code === "EPIPE") return new CommandError(EXIT.pipeClosed, "");
  return new CommandError(EXIT.failed, `Writing to stdout failed: ${messageOf(error)}`, error);
}
