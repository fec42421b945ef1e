import type { EventEmitter } from "node:events";
import type { Readable, Writable } from "node:stream";

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A stream that may be a terminal. */
type Terminal<Stream> = Stream & { readonly isTTY?: boolean; readonly columns?: number };

/**
 * What a command gets, and where it prints. Passed down to all that needs some of it; only `main.ts` takes it from the
 * process itself. So several commands can run in one process without side effects. Only shell completion prints by
 * itself, since a library does it.
 */
export interface Context {
  /** The command line behind `kvplug`. */
  readonly args: readonly string[];
  readonly env: Environment;
  readonly stdin: Terminal<Readable>;
  readonly stdout: Terminal<Writable>;
  readonly stderr: Terminal<Writable>;
  /** What emits `SIGINT` and `SIGTERM`. */
  readonly signals: EventEmitter;
}

/** That of this process. */
export function processContext(): Context {
  const { argv, env, stdout, stderr } = process;
  return {
    args: argv.slice(2),
    env,
    // It is opened by looking at it.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    signals: process,
  };
}

/** A variable of the environment; an empty one is none. */
export function variable(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === "" ? undefined : value;
}
