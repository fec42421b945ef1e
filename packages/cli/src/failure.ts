import { CommanderError } from "commander";

/** How the process ends when something was thrown. */
export interface Failure {
  /** What it says on stderr; nothing where the help was printed. */
  line?: string;
  /** 0: nothing is wrong, the help was asked for. 1: it failed. 2: the command line cannot be read. */
  exitCode: 0 | 1 | 2;
}

/** Makes one line of whatever was thrown. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof CommanderError) return describeUsage(error);
  if ((error as { code?: unknown } | null)?.code === "ERR_UNKNOWN_BUILTIN_MODULE") {
    return { line: `kvplug: this needs Node 22.19 or newer, and runs on ${process.version}.`, exitCode: 1 };
  }
  return { line: `kvplug: ${oneLine(error instanceof Error ? error.message : String(error))}`, exitCode: 1 };
}

function describeUsage({ code, exitCode, message }: CommanderError): Failure {
  if (exitCode === 0) return { exitCode: 0 };
  // A bare `kvplug`: the help is on stderr by now.
  if (code === "commander.help") return { exitCode: 2 };
  const said = oneLine(message.replace(/^error: /, ""));
  // A mistyped `--tokne=SECRET` must not show the secret.
  const line = code === "commander.unknownOption" ? said.replace(/=.*'/, "=…'") : said;
  return { line: `kvplug: ${line}`, exitCode: 2 };
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ");
}
