import { CommandError, EXIT } from "../command-error.ts";
import type { Context } from "../context.ts";
import { onFirstSignal, type EndingSignal } from "../signals.ts";

/**
 * Writes until that is confirmed, or until the first SIGINT or SIGTERM.
 *
 * @param what What is unconfirmed if it is stopped: `The write of "k"`.
 * @throws {CommandError} that says so.
 */
export async function untilStopped(
  context: Context,
  what: string,
  write: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  let by: EndingSignal | undefined;
  using _listening = onFirstSignal(context, (signal) => {
    by = signal;
    stop.abort();
  });
  try {
    await write(stop.signal);
  } catch (error) {
    if (by === undefined) throw error;
    const exitCode = by === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
    throw new CommandError(exitCode, `Stopped. ${what} is not confirmed; it may still take effect.`, error);
  }
}
