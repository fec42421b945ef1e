import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import type { Context, Environment } from "../src/context.ts";
import { run } from "../src/run.ts";
import { Transcript } from "./transcript.ts";

/** How a command ended. */
export interface Ended {
  /** The exit code; `null` where a signal killed its process. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** What was printed on stdout, byte for byte. */
  bytes: Buffer;
}

/** A command under way. Disposing of it ends it. */
export interface Command extends AsyncDisposable {
  readonly stdout: Transcript;
  readonly stderr: Transcript;
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

/** A context of the test's own, with what it collects. */
export interface TestContext extends Context {
  readonly stdin: PassThrough;
  readonly stdout: Transcript;
  readonly stderr: Transcript;
}

/** The context of a command that finds no settings but these. */
export function contextOf(args: readonly string[], env: Environment = {}): TestContext {
  return {
    args,
    env: { KVPLUG_CONFIG: "/dev/null/none", ...env },
    stdin: new PassThrough(),
    stdout: new Transcript(),
    stderr: new Transcript(),
    signals: new EventEmitter(),
  };
}

/** Starts `kvplug` in this process. */
export function kvplug(args: readonly string[], env?: Environment, input?: string | Uint8Array): Command {
  const context = contextOf(args, env);
  const { stdin, stdout, stderr, signals } = context;
  stdin.end(input);
  const ended = run(context).then((code): Ended => {
    stdout.end();
    stderr.end();
    return { code, signal: null, stdout: stdout.text, stderr: stderr.text, bytes: stdout.bytes };
  });
  return {
    stdout,
    stderr,
    signal: (signal) => void signals.emit(signal, signal),
    ended,
    async [Symbol.asyncDispose]() {
      signals.emit("SIGTERM", "SIGTERM");
      await ended;
    },
  };
}

/** A running `kvplug serve`. */
export interface Served extends Command {
  /** The base URL. */
  url: string;
  /** The URL of the namespace `n`, or of what is below it. */
  at(path?: string): string;
}

/** Resolves once a `kvplug serve` listens. Its namespace is taken to have the id `n`. */
export async function served(started: Command): Promise<Served> {
  const url = await started.stdout.said(/http:\S+\/client\/v4(?=\n)/);
  return { ...started, url, at: (path = "") => `${url}/accounts/local/storage/kv/namespaces/n${path}` };
}

/** What makes a server that {@link served} knows. */
export const SERVE: readonly string[] = ["serve", "--port", "0", "--namespace", "numbers=n"];

/** Starts `kvplug serve` with a namespace of the id `n`, and waits until it listens. */
export function serve(args: readonly string[] = [], env?: Environment): Promise<Served> {
  return served(kvplug([...SERVE, ...args], env));
}
