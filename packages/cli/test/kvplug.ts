import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const PACKAGE = join(import.meta.dirname, "..");
const isBuilt = process.env["NODE_OPTIONS"]?.includes("@kvplug/dist") === true;

/** What `kvplug` runs: the source, or its build where the tests run on that. */
export const MAIN: string = join(PACKAGE, isBuilt ? "dist/main.js" : "src/main.ts");

/** A heap of this size from the beginning, which spares most tests a second one. */
export const NODE_FLAGS: readonly string[] = ["--max-semi-space-size=4"];

/** How a process ended. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** What was printed on stdout, byte for byte. */
  bytes: Buffer;
}

/** A process of `kvplug`. */
export interface Process extends AsyncDisposable {
  /** Resolves with the first match in what was printed; rejects where the process ends without one. */
  printed(pattern: RegExp): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  ended: Promise<Ended>;
}

/** The environment of a process that finds no settings but these. */
export function environment(env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(KVPLUG|CLOUDFLARE)_/.test(name));
  // The oldest Node warns that its SQLite is experimental.
  return { ...Object.fromEntries(inherited), KVPLUG_CONFIG: "/dev/null/none", NODE_NO_WARNINGS: "1", ...env };
}

/** Starts `kvplug` as a process of its own. */
export function kvplug(args: readonly string[], env: NodeJS.ProcessEnv = {}, input?: string | Uint8Array): Process {
  const child = spawn(process.execPath, [...NODE_FLAGS, MAIN, ...args], {
    cwd: PACKAGE,
    env: environment(env),
    stdio: "pipe",
  });
  // It may end without reading all of it.
  child.stdin.on("error", () => {}).end(input);
  const chunks: Buffer[] = [];
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    stdout += chunk.toString("latin1");
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = once(child, "close").then(([code, signal]): Ended => {
    const bytes = Buffer.concat(chunks);
    return { code, signal, stdout: bytes.toString(), stderr, bytes };
  });
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
