import { createHash } from "node:crypto";
import { access, constants, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { CommandError, EXIT } from "../../command-error.ts";
import { variable, type Context, type Environment } from "../../context.ts";
import { messageOf } from "../../failure.ts";
import { tell } from "../../print.ts";
import { countText } from "../../progress/texts.ts";
import { Checkpoint, type Subject } from "./checkpoint.ts";
import type { Written } from "./confirmed-pages.ts";

export interface ResumeFlags {
  /** `"if any"` starts over where there is nothing to continue; `true` refuses to. */
  resume?: true | "if any";
}

/** Adds `--resume`. */
export function withResume(command: Command): Command {
  return command.option("--resume", "continue where an earlier run of the same command stopped");
}

/** Where kvplug keeps what it needs to go on. */
export function stateFolder(env: Environment): string {
  return join(variable(env, "XDG_STATE_HOME") ?? join(homedir(), ".local", "state"), "kvplug");
}

/**
 * The checkpoint of work that writes into a namespace.
 *
 * @param path Where it is. Default: in `kvplug` of `XDG_STATE_HOME` or `~/.local/state`.
 */
export async function openCheckpoint<Mark>(
  { env }: Context,
  subject: Subject,
  path?: string,
): Promise<Checkpoint<Written<Mark>>> {
  if (path !== undefined) return new Checkpoint(path, subject);
  const folder = stateFolder(env);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new CommandError(
      EXIT.failed,
      `No checkpoint can be written: ${messageOf(error)}. Set another folder with XDG_STATE_HOME.`,
      error,
    );
  }
  const hash = createHash("sha256").update(JSON.stringify(subject)).digest("hex").slice(0, 16);
  return new Checkpoint(join(folder, `${String(subject["work"])}-${hash}.json`), subject);
}

/**
 * Returns where to begin.
 *
 * @throws {CommandError} if there is nothing to resume.
 */
export async function begin<Mark>(
  context: Context,
  start: Mark,
  checkpoint: Checkpoint<Written<Mark>> | undefined,
  { resume }: ResumeFlags,
): Promise<Written<Mark>> {
  const state = await checkpoint?.read();
  if (resume) {
    if (state !== undefined) return state;
    if (resume === true)
      throw new CommandError(
        EXIT.failed,
        "There is nothing to resume: this command was never started, is done, or its source has changed. Leave out --resume.",
      );
  }
  if (state !== undefined && state.keys > 0) {
    tell(context, `kvplug: an earlier run stopped after ${countText(state.keys)} keys. This one starts over.`);
  }
  return { mark: start, keys: 0, bytes: 0, leftOut: 0, beyond: [] };
}
