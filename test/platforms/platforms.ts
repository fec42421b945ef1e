import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What runs programs: the command, and its arguments in front of a program. */
export type Platform = readonly [command: string, ...args: string[]];

export const NODE: Platform = [process.execPath];

export const BUN: Platform = [
  binaryOf("bun", `@oven/bun-${process.platform}-${process.arch === "arm64" ? "aarch64" : "x64"}`, "bin/bun"),
];

/** Deno with these permissions and no other. */
export function denoWith(...permissions: string[]): Platform {
  const libc = process.platform === "linux" ? "-glibc" : "";
  const deno = binaryOf("deno", `@deno/${process.platform}-${process.arch}${libc}`, "deno");
  return [deno, "run", "--no-prompt", "--quiet", ...permissions];
}

/** Runs a program, by its place from this folder; resolves with what it printed. */
export async function run(
  [command, ...before]: Platform,
  program: string,
  args: readonly string[],
  env: Environment = {},
): Promise<string> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const { stdout } = await promisify(execFile)(command, [...before, path, ...args], { env: environmentOf(env) });
  return stdout;
}

/** Starts a program; resolves once it has printed a line. It is ended as a terminal does it. */
export async function start(
  [command, ...before]: Platform,
  program: string,
  args: readonly string[],
): Promise<AsyncDisposable & { line: string }> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(command, [...before, path, ...args], {
    env: environmentOf({}),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return {
    line,
    async [Symbol.asyncDispose]() {
      child.kill("SIGINT");
      await exited;
    },
  };
}

type Environment = Readonly<Record<string, string>>;

function environmentOf(more: Environment): NodeJS.ProcessEnv {
  return { ...process.env, DENO_DIR: join(tmpdir(), "kvplug-deno"), DENO_NO_UPDATE_CHECK: "1", ...more };
}

/** A binary is a package of its own, on which that of the platform depends. */
function binaryOf(name: string, binary: string, path: string): string {
  const { resolve } = createRequire(createRequire(import.meta.url).resolve(`${name}/package.json`));
  return join(dirname(resolve(`${binary}/package.json`)), path);
}
