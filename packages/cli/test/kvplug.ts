import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const PACKAGE = join(import.meta.dirname, "..");
const isBuilt = process.env["NODE_OPTIONS"]?.includes("@kvplug/dist") === true;

/** What `kvplug` runs: the source, or its build where the tests run on that. */
const MAIN = join(PACKAGE, isBuilt ? "dist/main.js" : "src/main.ts");

/** How a process ended. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A process of `kvplug`. */
export interface Process extends AsyncDisposable {
  /** Resolves with the first match in what was printed; rejects where the process ends without one. */
  printed(pattern: RegExp): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  ended: Promise<Ended>;
}

/** Starts `kvplug` as a process of its own. */
export function kvplug(args: readonly string[], env: NodeJS.ProcessEnv = {}): Process {
  const { KVPLUG_TOKEN: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: PACKAGE,
    // The oldest Node warns that its SQLite is experimental.
    env: { ...inherited, NODE_NO_WARNINGS: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = once(child, "close").then(([code, signal]): Ended => ({ code, signal, stdout, stderr }));
  return {
    async printed(pattern) {
      for (;;) {
        const found = pattern.exec(stdout);
        if (found) return found[0];
        const isOver = await Promise.race([once(child.stdout, "data").then(() => false), ended.then(() => true)]);
        if (isOver && !pattern.test(stdout))
          throw new Error(`It ended without printing ${pattern}: ${stdout}${stderr}`);
      }
    },
    signal: (signal) => child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** A running `kvplug serve`. */
export interface Served extends Process {
  /** The base URL. */
  url: string;
  /** The URL of the namespace `n`, or of what is below it. */
  at(path?: string): string;
}

/** Starts `kvplug serve` with a namespace of the id `n`, and waits until it listens. */
export async function serve(args: readonly string[] = [], env?: NodeJS.ProcessEnv): Promise<Served> {
  const started = kvplug(["serve", "--port", "0", "--namespace", "numbers=n", ...args], env);
  const url = await started.printed(/http:\S+\/client\/v4(?=\n)/);
  return { ...started, url, at: (path = "") => `${url}/accounts/local/storage/kv/namespaces/n${path}` };
}
