import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { isatty } from "node:tty";
import { startServer } from "@kvplug/server";
import { serverOptions, type ServerFlags } from "./server-flags.ts";
import { CommandError } from "../command-error.ts";
import type { Context } from "../context.ts";
import { messageOf } from "../failure.ts";
import { inWordsOfFlags } from "./serve.ts";
import { variablesOf } from "./variables.ts";

/** A shell's exit code for a command that cannot be started. */
const EXIT_NOT_FOUND = 127;
const EXIT_NOT_EXECUTABLE = 126;

/** The command reads it: to look at the stream would open it here as well. */
const STDIN = 0;

/** Credentials to hide from a program that uses a local server. */
const UNSET: Readonly<Record<string, undefined>> = { CLOUDFLARE_API_KEY: undefined, CLOUDFLARE_EMAIL: undefined };

/**
 * Runs a command beside its own server, which stops with it.
 *
 * @throws {CommandError} with the command's exit code, unless that is 0; after a signal, with a shell's code for it.
 */
export async function runBeside(context: Context, words: readonly string[], flags: ServerFlags): Promise<void> {
  const where = { host: "127.0.0.1", port: 0 };
  const token = flags.token ?? context.env["KVPLUG_TOKEN"];
  await using server = await startServer({ ...serverOptions(flags), ...where, token }).catch((error: unknown) => {
    throw inWordsOfFlags(error, where);
  });
  const env = { ...context.env, ...UNSET, ...variablesOf(server, token ?? "any") };
  const exitCode = await run(context, words, env);
  if (exitCode !== 0) throw new CommandError(exitCode, "");
}

async function run(context: Context, [command, ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  // The scripts that npm and others are on Windows, only a shell starts.
  const child = spawn(command!, args, { env, stdio: "inherit", shell: process.platform === "win32" });
  using _passing = passSignals(context, child);
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + constants.signals[signal!];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const exitCode = code === "ENOENT" ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
    throw new CommandError(exitCode, `'${command}' cannot be started: ${messageOf(error)}.`, error);
  }
}

/** Hands on what would end this: the server is needed for as long as the command wants to go on. */
function passSignals({ signals }: Context, child: ChildProcess): Disposable {
  const onSignal = (signal: NodeJS.Signals): void => {
    // Ctrl-C on a terminal reaches both.
    if (signal !== "SIGINT" || !isatty(STDIN)) child.kill(signal);
  };
  const passed = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of passed) signals.on(signal, onSignal);
  return {
    [Symbol.dispose]: () => {
      for (const signal of passed) signals.off(signal, onSignal);
    },
  };
}
