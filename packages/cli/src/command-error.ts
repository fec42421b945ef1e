/** What the process exits with; README.md says when. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** A key is missing, or two namespaces differ. */
  different: 3,
  /** Credentials, account, profile or namespace. */
  access: 4,
  /** Some of it could not be done, the rest is. */
  partly: 5,
  interrupted: 130,
  terminated: 143,
  pipeClosed: 141,
} as const;

/** A failure that a command foresaw: one line, and the exit code that goes with it. */
export class CommandError extends Error {
  override name = "CommandError";
  readonly exitCode: number;

  /** @param exitCode One of {@link EXIT}, or that of a command which was run. */
  constructor(exitCode: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}

/** The command line is well-formed, and contradicts itself, or asks for what needs more of it. */
export function usageError(message: string): CommandError {
  return new CommandError(EXIT.usage, message);
}
