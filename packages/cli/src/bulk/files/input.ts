import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { addAbortSignal, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { CommandError, EXIT, usageError } from "../../command-error.ts";
import type { Context } from "../../context.ts";

/** How much to read at once: what is not parsed yet takes memory too, and more is no faster. */
const CHUNK_BYTES = 1 << 16;

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/** A file, or stdin, that is read from its beginning as often as asked; stdin but once. */
export class Input {
  /** The path; `stdin` for stdin. */
  readonly name: string;
  /** The file's size and time when it was opened; `undefined` if it cannot be read again from the beginning. */
  readonly version: { readonly bytes: number; readonly mtimeMs: number } | undefined;
  readonly #stdin: Readable | undefined;
  #read = 0;

  private constructor(name: string, version: Input["version"], stdin?: Readable) {
    this.name = name;
    this.version = version;
    this.#stdin = stdin;
  }

  /**
   * Opens a file by its path, or stdin for `-`.
   *
   * @throws {CommandError} if it is a folder, or nothing is piped in.
   */
  static async open(context: Pick<Context, "stdin">, path: string): Promise<Input> {
    if (path === "-") {
      const { stdin } = context;
      if (stdin.isTTY) throw usageError("Pipe something in, or name a file.");
      return new Input("stdin", undefined, stdin);
    }
    const about = await stat(path);
    if (about.isDirectory()) throw usageError(`${path} is a folder.`);
    return new Input(path, about.isFile() ? { bytes: about.size, mtimeMs: about.mtimeMs } : undefined);
  }

  /** Which share of the file has been read, 0 to 1; `undefined` if its end is unknown. */
  get share(): number | undefined {
    return this.version && Math.min(1, this.#read / Math.max(1, this.version.bytes));
  }

  /**
   * Yields the bytes, decompressed if they are gzip. When the signal aborts, it stops waiting: a pipe may be silent for
   * long.
   *
   * @throws {CommandError} if the gzip data is cut off or damaged.
   */
  async *chunks(signal?: AbortSignal): AsyncGenerator<Buffer> {
    this.#read = 0;
    const raw = this.#stdin ?? createReadStream(this.name, { highWaterMark: CHUNK_BYTES });
    if (signal) addAbortSignal(signal, raw);
    const counted = this.#counted(raw);
    const first = await startOf(counted);
    const all = (async function* () {
      yield first;
      yield* counted;
    })();
    if (!first.subarray(0, 2).equals(GZIP_MAGIC)) yield* all;
    else yield* this.#gunzip(all);
  }

  async *#counted(raw: Readable): AsyncGenerator<Buffer> {
    for await (const chunk of raw) {
      this.#read += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  }

  async *#gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
    const { pipeline } = await import("node:stream/promises");
    const fed = pipeline(chunks, gunzip);
    // The loop below throws the same error.
    fed.catch(() => {});
    try {
      for await (const chunk of gunzip) yield chunk as Buffer;
      await fed;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "Z_BUF_ERROR")
        throw new CommandError(EXIT.failed, `${this.name} is cut off: its gzip data ends early.`);
      if (code?.startsWith("Z_"))
        throw new CommandError(EXIT.failed, `${this.name} is damaged: its gzip data is invalid.`);
      throw error;
    }
  }
}

/** Returns the beginning: two bytes or more, if there are as many. */
async function startOf(chunks: AsyncGenerator<Buffer>): Promise<Buffer> {
  let start: Buffer = Buffer.alloc(0);
  while (start.length < GZIP_MAGIC.length) {
    const { done, value } = await chunks.next();
    if (done) break;
    start = Buffer.concat([start, value]);
  }
  return start;
}
