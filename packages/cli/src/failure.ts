import { getSystemErrorMessage } from "node:util";
import { isKVError, reasonOf, redactURLs, type KVErrorCode } from "@kvplug/core/seam";
import { CommanderError } from "commander";
import { CommandError, EXIT } from "./command-error.ts";
import { inFlags } from "./flag-names.ts";

/** How the process ends when something was thrown. */
export interface Failure {
  /** What it says on stderr; nothing where all is said. */
  line?: string;
  exitCode: number;
}

/** What mends itself elsewhere than in the command. */
const ACCESS: ReadonlySet<KVErrorCode> = new Set<KVErrorCode>(["KV_AUTH", "KV_CONFIG", "KV_NOT_FOUND"]);

/** Makes one line of whatever was thrown. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof CommanderError) return describeUsage(error);
  const said = oneLine(messageOf(error));
  const line = `kvplug: ${said}`;
  if (error instanceof CommandError)
    return error.message === "" ? { exitCode: error.exitCode } : { line, exitCode: error.exitCode };
  if (!isKVError(error)) return { line, exitCode: EXIT.failed };
  const own = `kvplug: ${inFlags(said)}`;
  if (ACCESS.has(error.code)) return { line: own, exitCode: EXIT.access };
  return { line: own, exitCode: error.code === "KV_BULK" ? EXIT.partly : EXIT.failed };
}

/** What happened, in words: of a system's error, not its call and number. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { errno, path, syscall } = error as NodeJS.ErrnoException;
  if (typeof errno !== "number" || syscall === undefined || syscall === "connect" || syscall === "listen")
    return reasonOf(error);
  const what = getSystemErrorMessage(errno) ?? error.message;
  return path === undefined ? `${syscall}: ${what}` : `${path}: ${what}`;
}

function describeUsage({ code, exitCode, message }: CommanderError): Failure {
  if (exitCode === 0) return { exitCode: EXIT.done };
  // A bare `kvplug`: the help is on stderr by now.
  if (code === "commander.help") return { exitCode: EXIT.usage };
  const said = redactURLs(oneLine(message.replace(/^error: /, "")));
  // A mistyped `--tokne=SECRET` must not show the secret.
  const line = code === "commander.unknownOption" ? said.replace(/=.*'/, "=…'") : said;
  return { line: `kvplug: ${line}`, exitCode: EXIT.usage };
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ");
}
