import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { bundle } from "./bundle.ts";
import { SERVE, served, type Command, type Ended, type Served } from "./command.ts";
import { Transcript } from "./transcript.ts";

const PACKAGE = join(import.meta.dirname, "..");

/** A heap of this size from the beginning, which spares most tests a second one. */
const NODE_FLAGS: readonly string[] = ["--max-semi-space-size=4"];

/** What a process of `kvplug` is started with: the built command, as its users have it. */
export async function commandLine(): Promise<readonly [node: string, ...args: string[]]> {
  return [process.execPath, ...NODE_FLAGS, await bundle()];
}

/** The environment of a process that finds no settings but these. */
export function environment(env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(KVPLUG|CLOUDFLARE)_/.test(name));
  // The oldest Node warns that its SQLite is experimental.
  return { ...Object.fromEntries(inherited), KVPLUG_CONFIG: "/dev/null/none", NODE_NO_WARNINGS: "1", ...env };
}

/** A process of `kvplug`. */
export interface Process extends Command {
  readonly stdin: NodeJS.WritableStream;
}

/** Starts `kvplug` as a process of its own: for what is about processes. */
export async function spawnKvplug(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Process> {
  const [node, ...rest] = await commandLine();
  const child = spawn(node, [...rest, ...args], { cwd: PACKAGE, env: environment(env), stdio: "pipe" });
  // It may end without reading all of it.
  child.stdin.on("error", () => {});
  const stdout = child.stdout.pipe(new Transcript());
  const stderr = child.stderr.pipe(new Transcript());
  const ended = once(child, "exit").then(async ([code, signal]): Promise<Ended> => {
    await Promise.all([finished(stdout), finished(stderr)]);
    return { code, signal, stdout: stdout.text, stderr: stderr.text, bytes: stdout.bytes };
  });
  return {
    stdin: child.stdin,
    stdout,
    stderr,
    signal: (signal) => child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Starts `kvplug serve` as a process, with a namespace of the id `n`, and waits until it listens. */
export async function spawnServe(args: readonly string[] = []): Promise<Served> {
  return served(await spawnKvplug([...SERVE, ...args]));
}
