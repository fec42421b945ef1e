import { confirm, isCancel } from "@clack/prompts";
import { CommandError, EXIT, usageError } from "./command-error.ts";
import type { Context } from "./context.ts";
import { escapeControls } from "./printable.ts";
import { withColumns } from "./terminal.ts";

/**
 * Asks before something is lost; on stderr, since stdout may be data.
 *
 * @throws {CommandError} if the answer is no, or there is no terminal to answer on.
 */
export async function askFirst(
  { stdin: input, stderr }: Context,
  question: string,
  yes: boolean | undefined,
): Promise<void> {
  if (yes) return;
  if (!input.isTTY || !stderr.isTTY) throw usageError(`${question} There is no terminal to answer on: add --yes.`);
  const answer = await confirm({
    message: escapeControls(question),
    initialValue: false,
    input,
    output: withColumns(stderr),
  });
  if (isCancel(answer)) throw new CommandError(EXIT.interrupted, "Nothing was done.");
  if (!answer) throw new CommandError(EXIT.failed, "Nothing was done.");
}
