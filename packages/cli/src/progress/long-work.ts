import { CommandError, EXIT } from "../command-error.ts";
import type { Target } from "../connect/connections.ts";
import { describeFailure, messageOf } from "../failure.ts";
import { firstSignal, type EndingSignal } from "../signals.ts";
import { openProgress, type Progress, type ProgressFlags } from "./progress.ts";
import { keysText } from "./texts.ts";

/** Work that takes a while. */
export interface LongWork {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly stop: AbortSignal;
  readonly progress: Progress;
}

export interface LongWorkOptions {
  /** What is done: `export`. */
  readonly verb: string;
  readonly flags: ProgressFlags;
  /** The namespaces that are read or written. */
  readonly targets: readonly Target[];
  /** What a user does who stopped it, or whom it failed. */
  readonly hint: string | undefined;
  /** What the summary ends with: `to FILE`. */
  readonly done?: string | undefined;
  /** How many keys were done in an earlier run. */
  readonly already?: number;
}

/**
 * Runs work with a progress display, until it is done, fails, or a signal stops it.
 *
 * @throws {CommandError} where it was stopped, or failed, with what to do about it.
 */
export async function longWork(options: LongWorkOptions, run: (work: LongWork) => Promise<void>): Promise<void> {
  const { hint } = options;
  const stop = new AbortController();
  let by: EndingSignal | undefined;
  void firstSignal().then((signal) => {
    by = signal;
    stop.abort();
  });
  await using progress = await openProgress(options);
  try {
    await run({ stop: stop.signal, progress });
  } catch (error) {
    progress.stop();
    if (by !== undefined) {
      const exitCode = by === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
      throw new CommandError(exitCode, join(`Stopped after ${keysText(progress.keys)}.`, hint), error);
    }
    const { exitCode, line } = describeFailure(error);
    throw line === undefined ? error : new CommandError(exitCode, join(messageOf(error), hint), error);
  }
  progress.done();
}

function join(said: string, hint: string | undefined): string {
  if (hint === undefined) return said;
  return `${said}${/[.?!]$/.test(said) ? "" : "."} ${hint}`;
}
