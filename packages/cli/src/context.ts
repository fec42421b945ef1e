import type { EventEmitter } from "node:events";
import type { Readable, Writable } from "node:stream";

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A stream that may be a terminal. */
type Terminal<Stream> = Stream & { readonly isTTY?: boolean; readonly columns?: number };

/**
 * What a command is given, and where it prints. It is handed down to whatever needs some of it, and nothing but `main.ts`
 * takes them from the process itself: so several commands may run in one process, and none leaves anything behind. Only
 * what completes in a shell prints by itself, since a library does that.
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
