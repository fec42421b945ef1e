import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { Readable, Writable } from "node:stream";
import type { JobState } from "@kvplug/explorer";
import { CommandError, EXIT } from "../command-error.ts";
import type { Connections } from "../connect/connections.ts";
import type { Context, Environment } from "../context.ts";
import { describeFailure } from "../failure.ts";
import type { Display } from "../progress/display.ts";
import type { Meter } from "../progress/meter.ts";
import { showOn } from "../progress/progress.ts";
import { Gate } from "./gate.ts";

/** How often to send a page the progress. */
const INTERVAL_MS = 250;

/** What a job is about. */
export interface JobSubject extends Pick<JobState, "namespaces" | "file"> {
  /** Default: another one each time. */
  readonly id?: string | undefined;
  /** Where the process keeps `file`; the user knows only the other name. */
  readonly path?: string | undefined;
}

/** What a job needs to run. */
export interface JobOptions extends JobSubject {
  readonly verb: string;
  readonly env: Environment;
  readonly connections: Connections;
  readonly stdin?: Readable | undefined;
  readonly stdout?: Writable | undefined;
  /** Called on each change. */
  readonly tell: (state: JobState) => void;
}

/** A command that runs for a page, on the connections of the process. The page sees its progress, and can pause or stop it. */
export class Job {
  readonly id: string;
  readonly #gate: Gate = new Gate();
  readonly #signals: EventEmitter = new EventEmitter();
  readonly #tell: (state: JobState) => void;
  readonly #path: string | undefined;
  #state: JobState;

  /** @param run The command. What it throws is the job's failure; that two namespaces differ is none. */
  constructor(options: JobOptions, run: (context: Context) => Promise<void>) {
    this.#tell = options.tell;
    const { id = randomUUID(), verb, namespaces, file, path } = options;
    this.#path = path;
    this.id = id;
    this.#state = { id, verb, state: "running", keys: 0, bytes: 0, namespaces, file };
    const context: Context = {
      args: [],
      env: options.env,
      stdin: options.stdin ?? Readable.from([]),
      stdout: options.stdout ?? nowhere(),
      stderr: this.#messages(),
      signals: this.#signals,
    };
    options.connections.lend(context, this.#gate.guard);
    showOn(context, this.#display());
    this.ended = this.#run(run, context);
  }

  /** Resolves when it is over, however that went. */
  readonly ended: Promise<void>;

  get state(): JobState {
    return this.#state;
  }

  get isOver(): boolean {
    return this.#state.state !== "running" && this.#state.state !== "paused";
  }

  pause(): void {
    if (this.isOver) return;
    this.#gate.close();
    this.#change({ state: "paused" });
  }

  resume(): void {
    if (this.isOver) return;
    this.#gate.open();
    this.#change({ state: "running" });
  }

  /** Ends it as Ctrl-C does: what runs is waited for, and nothing more begins. */
  stop(): void {
    this.#signals.emit("SIGINT", "SIGINT");
    this.#gate.open();
  }

  /** From now on, it can go on where it stops. */
  last(): void {
    this.#change({ lasts: true });
  }

  async #run(run: (context: Context) => Promise<void>, context: Context): Promise<void> {
    try {
      await run(context);
      this.#change({ state: "done" });
    } catch (error) {
      if (error instanceof CommandError && error.exitCode === EXIT.different) return this.#change({ state: "done" });
      const isStop = error instanceof CommandError && error.exitCode === EXIT.interrupted;
      // How a command is continued is no use to a page.
      const line = describeFailure(error).line?.replaceAll(/^kvplug: | To continue: .*$/gs, "");
      const message = this.#path === undefined ? line : line?.replaceAll(this.#path, this.#state.file ?? "the file");
      this.#change({ state: isStop ? "stopped" : "failed", message });
    }
  }

  #change(change: Partial<JobState>): void {
    this.#state = { ...this.#state, ...change };
    this.#tell(this.#state);
  }

  #display(): Display {
    const show = (meter: Meter): void => {
      const { keys, bytes, share, keysPerSecond, secondsLeft } = meter.figures() as unknown as JobState;
      this.#change({ keys, bytes, share, keysPerSecond, secondsLeft });
    };
    return {
      intervalMs: INTERVAL_MS,
      show,
      note: (message) => this.#change({ message }),
      end: () => {},
      summary: show,
    };
  }

  /** What a command says beside its progress. */
  #messages(): Writable {
    return new Writable({
      write: (chunk: Buffer, _, done) => {
        this.#change({
          message: chunk
            .toString()
            .trim()
            .replace(/^kvplug: /, ""),
        });
        done();
      },
    });
  }
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
