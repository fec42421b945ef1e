import { readFile } from "node:fs/promises";
import { CommandError, EXIT } from "../../command-error.ts";
import { removeFile, replaceFile } from "../../replaced-file.ts";

const VERSION = 1;

/** What work is about. A checkpoint with another subject belongs to other work. */
export type Subject = Readonly<Record<string, string | boolean>>;

/** Where the checkpoint of an export is: it is there until the file is whole. */
export function checkpointBeside(file: string): string {
  return `${file}.kvplug-checkpoint`;
}

/** How far work has come, in a file that is replaced as a whole. */
export class Checkpoint<State> {
  readonly path: string;
  readonly #subject: Subject;

  constructor(path: string, subject: Subject) {
    this.path = path;
    this.#subject = subject;
  }

  /**
   * Returns the state; `undefined` if there is none.
   *
   * @throws {CommandError} if it belongs to other work.
   */
  async read(): Promise<State | undefined> {
    const text = await readFile(this.path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const { version, subject, state } = parse(text) ?? {};
    if (version !== VERSION || !isObject(subject) || !isObject(state)) {
      throw new CommandError(
        EXIT.failed,
        `${this.path} is not a checkpoint of this kvplug version. Delete it to start over.`,
      );
    }
    for (const [what, mine] of Object.entries(this.#subject)) {
      if (subject[what] === mine) continue;
      throw new CommandError(
        EXIT.failed,
        `${this.path} belongs to another run: its ${what} is '${String(subject[what])}', not '${mine}'. Delete it to start over.`,
      );
    }
    return state as State;
  }

  async write(state: State): Promise<void> {
    await replaceFile(this.path, JSON.stringify({ version: VERSION, subject: this.#subject, state }));
  }

  /** The work is done. */
  async remove(): Promise<void> {
    await removeFile(this.path);
  }
}

function parse(text: string): { version?: unknown; subject?: unknown; state?: unknown } | null {
  try {
    return JSON.parse(text) as object | null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
