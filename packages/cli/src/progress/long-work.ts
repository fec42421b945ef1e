import { isKVError, KVBulkError } from "@kvplug/core/seam";
import { CommandError, EXIT } from "../command-error.ts";
import type { Context } from "../context.ts";
import { describeFailure, messageOf } from "../failure.ts";
import { inFlags } from "../flag-names.ts";
import { onFirstSignal, type EndingSignal } from "../signals.ts";
import type { LongWorkOptions } from "./options.ts";
import { openProgress, type Progress } from "./progress.ts";
import { keysText } from "./texts.ts";

/** How long requests that run when the work is stopped may still take. */
const PATIENCE_MS = 5000;

/** After how long it is said that they are waited for. */
const NOTICED_MS = 500;

/** Work that takes a while. */
export interface LongWork {
  /** Aborted by the first SIGINT or SIGTERM: nothing more is to begin. */
  readonly stop: AbortSignal;
  /** Aborted some seconds later: what runs has had its time. */
  readonly cut: AbortSignal;
  readonly progress: Progress;
}

/**
 * Runs work with a progress display, until it is done, fails, or a signal stops it.
 *
 * @throws {CommandError} if it was stopped or failed, with what to do about it.
 */
export async function longWork(
  context: Context,
  options: LongWorkOptions,
  run: (work: LongWork) => Promise<void>,
): Promise<void> {
  const [stop, cut] = [new AbortController(), new AbortController()];
  let by: EndingSignal | undefined;
  let [notice, patience]: (NodeJS.Timeout | undefined)[] = [];
  const onSignal = (signal: EndingSignal): void => {
    by = signal;
    stop.abort();
    notice = setTimeout(() => {
      progress.stop();
      progress.info("Stopping: waiting for running requests, at most 5 s. Ctrl-C again stops at once.");
    }, NOTICED_MS);
    patience = setTimeout(() => cut.abort(), PATIENCE_MS);
  };
  using _listening = onFirstSignal(context, onSignal);
  await using progress = await openProgress(context, options);
  try {
    await run({ stop: stop.signal, cut: cut.signal, progress });
  } catch (error) {
    progress.stop();
    const hint = options.hint?.();
    if (by !== undefined) {
      const exitCode = by === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
      throw new CommandError(exitCode, join(`Stopped after ${keysText(progress.keys)}.`, hint), error);
    }
    // What is left of a page that stopped the work is no part of it that is left out: all behind it is not done either.
    const { exitCode, line } = describeFailure(error instanceof KVBulkError ? error.cause : error);
    throw line === undefined
      ? error
      : new CommandError(exitCode, join(isKVError(error) ? inFlags(messageOf(error)) : messageOf(error), hint), error);
  } finally {
    clearTimeout(notice);
    clearTimeout(patience);
  }
  progress.done();
}

function join(said: string, hint: string | undefined): string {
  if (hint === undefined) return said;
  return `${said}${/[.?!]$/.test(said) ? "" : "."} ${hint}`;
}
