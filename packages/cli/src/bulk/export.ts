import { lstat, stat } from "node:fs/promises";
import { CommandError, EXIT } from "../command-error.ts";
import { withTarget, type Target } from "../connect/connections.ts";
import type { NamespaceFlags } from "../connect/flags.ts";
import type { Context } from "../context.ts";
import { tell } from "../print.ts";
import { longWork, type LongWork } from "../progress/long-work.ts";
import type { ProgressFlags } from "../progress/options.ts";
import { whereText, type WhereFlags } from "../where.ts";
import { Checkpoint, checkpointBeside } from "./pages/checkpoint.ts";
import { Encoder, formatOf, type Format } from "./formats/encoder.ts";
import { FileOutput, StdoutOutput, type Output } from "./files/output.ts";
import { BEGINNING, readEntries, type Position } from "./entries/read-entries.ts";
import { resumeCommand } from "./pages/resume-command.ts";

export interface ExportFlags extends NamespaceFlags, ProgressFlags, WhereFlags {
  prefix?: string;
  output?: string;
  format?: Format;
  gzip?: boolean;
  force?: true;
  resume?: true;
}

/** How far an export has come. */
interface State {
  /** Where the listing goes on. */
  readonly position: Position;
  /** The length of the file up to there. */
  readonly bytes: number;
  readonly keys: number;
  /** The bytes of the values of those keys. */
  readonly valueBytes: number;
}

const START: State = { position: BEGINNING, bytes: 0, keys: 0, valueBytes: 0 };

/** A block is written when it holds this much, or a page of the listing ends. */
const BLOCK_CHARACTERS = 1 << 20;

/** How often a checkpoint is written, at most: what a killed process read since then is read again. */
const CHECKPOINT_INTERVAL_MS = 100;

/** Writes all keys of a namespace into a file, or to stdout. */
export async function exportNamespace(context: Context, flags: ExportFlags): Promise<void> {
  await withTarget(context, flags, async (target) => {
    const { output: path } = flags;
    if (path === undefined) {
      await using output = new StdoutOutput(context, flags.gzip ?? false);
      await run(context, target, flags, "ndjson", output, START, undefined);
      return;
    }
    const gzip = flags.gzip ?? path.endsWith(".gz");
    const format = flags.format ?? formatOf(path);
    const subject = {
      work: "export",
      namespace: target.id,
      prefix: flags.prefix ?? "",
      format,
      gzip,
      where: whereText(flags.where),
    };
    const checkpoint = new Checkpoint<State>(checkpointBeside(path), subject);
    const about = await stat(path).catch(() => undefined);
    const isThere = about !== undefined || (await lstat(path).catch(() => undefined)) !== undefined;
    if (isThere && about === undefined && !flags.force)
      throw new CommandError(EXIT.failed, `${path} is a broken link. Add --force to create the file.`);
    // What is there and no file, a device, cannot be gone on with.
    const isFile = about?.isFile() ?? true;
    const state = isFile ? await stateOf(context, path, isThere, checkpoint, flags) : START;
    if (state === undefined) return;
    // Before the file is touched: one without a checkpoint is taken for whole.
    if (isFile) await checkpoint.write(state);
    await using output = await FileOutput.open(path, gzip, state.bytes, isThere);
    await run(context, target, flags, format, output, state, isFile ? checkpoint : undefined);
  });
}

/** Returns where to begin; `undefined` if nothing is left to do. */
async function stateOf(
  context: Context,
  path: string,
  isThere: boolean,
  checkpoint: Checkpoint<State>,
  flags: ExportFlags,
): Promise<State | undefined> {
  if (flags.force) return START;
  const state = await checkpoint.read();
  if (flags.resume) {
    if (state !== undefined) return state;
    if (!isThere) return START;
    if (!flags.quiet) tell(context, `kvplug: ${path} has no checkpoint: it is complete, and nothing is left to do.`);
    return undefined;
  }
  if (state !== undefined) {
    throw new CommandError(EXIT.failed, `${path} is incomplete. Continue with --resume, or start over with --force.`);
  }
  if (isThere) throw new CommandError(EXIT.failed, `${path} already exists. Replace it with --force.`);
  return START;
}

async function run(
  context: Context,
  target: Target,
  flags: ExportFlags,
  format: Format,
  output: Output,
  from: State,
  checkpoint: Checkpoint<State> | undefined,
): Promise<void> {
  const done = checkpoint ? `to ${flags.output}` : undefined;
  const hint = checkpoint && (() => `To continue: ${resumeCommand(context.args)}`);
  const already = { keys: from.keys, bytes: from.valueBytes };
  await longWork(context, { verb: "export", flags, targets: [target], hint, done, already }, async (work) => {
    const exporting = new Exporting(output, new Encoder(flags.format ?? format, from.keys), from, checkpoint, work);
    await exporting.run(target, flags.prefix ?? "", flags.where);
  });
}

/** An export under way. */
class Exporting {
  readonly #output: Output;
  readonly #encoder: Encoder;
  readonly #checkpoint: Checkpoint<State> | undefined;
  readonly #work: LongWork;
  /** What is written. */
  #state: State;
  #savedAt = performance.now();
  #block: string[] = [];
  #characters = 0;
  /** Those of what is written and of the block. */
  #keys: number;
  #valueBytes: number;

  constructor(
    output: Output,
    encoder: Encoder,
    from: State,
    checkpoint: Checkpoint<State> | undefined,
    work: LongWork,
  ) {
    this.#output = output;
    this.#encoder = encoder;
    this.#state = from;
    this.#checkpoint = checkpoint;
    this.#work = work;
    this.#keys = from.keys;
    this.#valueBytes = from.valueBytes;
  }

  async run(target: Target, prefix: string, where: WhereFlags["where"]): Promise<void> {
    try {
      const { stop } = this.#work;
      let last = this.#state.position;
      for await (const { entries, cursor, next } of readEntries(target, prefix, this.#state.position, stop, where)) {
        for (const entry of entries) {
          this.#add(this.#encoder.record(entry));
          this.#keys++;
          this.#valueBytes += Buffer.byteLength(entry.value);
          // Where blocks end depends on the records alone, so that a resumed file is the same to the byte.
          last = { cursor, after: entry.name };
          if (this.#characters >= BLOCK_CHARACTERS) await this.#flush(last);
        }
        // The end of a page.
        if (next !== undefined && next.after === undefined) await this.#flush(next);
        this.#work.progress.update({ keys: this.#keys, bytes: this.#valueBytes });
        stop.throwIfAborted();
      }
      await this.#flush(last);
      // No state holds it: where it is gone on with from here, the end is written anew.
      const end = this.#encoder.end();
      if (end !== "") await this.#output.write(end);
      await this.#output.settle();
    } catch (error) {
      // A full disk has no room for it, perhaps: the last one stands then.
      await this.#save().catch(() => {});
      // What is behind it is read again.
      if (this.#checkpoint) this.#work.progress.update({ keys: this.#state.keys, bytes: this.#state.valueBytes });
      throw error;
    }
    await this.#checkpoint?.remove();
  }

  #add(text: string): void {
    this.#block.push(text);
    this.#characters += text.length;
  }

  async #flush(position: Position): Promise<void> {
    if (this.#block.length > 0) await this.#output.write(this.#block.join(""));
    this.#block = [];
    this.#characters = 0;
    const { bytes } = this.#output;
    this.#state = { position, bytes, keys: this.#keys, valueBytes: this.#valueBytes };
    if (performance.now() - this.#savedAt >= CHECKPOINT_INTERVAL_MS) await this.#save();
  }

  async #save(): Promise<void> {
    if (this.#checkpoint === undefined) return;
    await this.#output.settle();
    await this.#checkpoint.write(this.#state);
    this.#savedAt = performance.now();
  }
}
