import { open, type FileHandle } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { CommandError, EXIT, usageError } from "../../command-error.ts";
import type { Context } from "../../context.ts";
import { messageOf } from "../../failure.ts";
import { writeOut } from "../../print.ts";
import { escapeLines } from "../../printable.ts";

const compress = promisify(gzip);

/** Where an export goes. */
export interface Output extends AsyncDisposable {
  /** How many bytes are written. */
  readonly bytes: number;
  /** Appends a block; with gzip, as its own member, so that a file may end after any of them. */
  write(block: string): Promise<void>;
  /** Resolves when what is written would survive a power failure. */
  settle(): Promise<void>;
}

/** Stdout. */
export class StdoutOutput implements Output {
  readonly #context: Context;
  readonly #gzip: boolean;
  bytes = 0;

  constructor(context: Context, gzipped: boolean) {
    this.#context = context;
    this.#gzip = gzipped;
  }

  async write(block: string): Promise<void> {
    const isTerminal = this.#context.stdout.isTTY;
    if (isTerminal && this.#gzip)
      throw usageError("Compressed data is not for a terminal. Add -o, or leave out --gzip.");
    const data = await encode(isTerminal ? escapeLines(block) : block, this.#gzip);
    await writeOut(this.#context, data);
    this.bytes += data.length;
  }

  async settle(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A file, or a device. */
export class FileOutput implements Output {
  readonly #path: string;
  readonly #gzip: boolean;
  readonly #handle: FileHandle;
  readonly #isRegular: boolean;
  bytes: number;

  private constructor(path: string, gzipped: boolean, handle: FileHandle, isRegular: boolean, bytes: number) {
    this.#path = path;
    this.#gzip = gzipped;
    this.#handle = handle;
    this.#isRegular = isRegular;
    this.bytes = bytes;
  }

  /**
   * Opens the file, and cuts off what is after `bytes`. Only this user may read it, since it has the namespace's data.
   *
   * @param isThere Whether there is a file that may be replaced. If not, a link or file that appears meanwhile is
   *   neither followed nor overwritten.
   * @throws {CommandError} if it is shorter than that.
   */
  static async open(path: string, gzipped: boolean, bytes: number, isThere: boolean): Promise<FileOutput> {
    const mode = bytes > 0 ? "r+" : isThere ? "w" : "wx";
    const handle = await open(path, mode, 0o600).catch((error: NodeJS.ErrnoException) => {
      if (bytes > 0 && error.code === "ENOENT") throw changed(path, 0, bytes);
      throw error;
    });
    const about = await handle.stat();
    if (about.isFile()) {
      // One that is replaced may have been for all to read. Whose it is not cannot change that.
      if ((about.mode & 0o077) !== 0 && bytes === 0) await handle.chmod(0o600).catch(() => {});
      if (about.size < bytes) {
        await handle.close();
        throw changed(path, about.size, bytes);
      }
      await handle.truncate(bytes);
    }
    return new FileOutput(path, gzipped, handle, about.isFile(), bytes);
  }

  async write(block: string): Promise<void> {
    const data = await encode(block, this.#gzip);
    for (let start = 0; start < data.length;) {
      const at = this.#isRegular ? this.bytes : null;
      const { bytesWritten } = await this.#handle
        .write(data, start, data.length - start, at)
        .catch((error: unknown) => this.#failed(error));
      start += bytesWritten;
      this.bytes += bytesWritten;
    }
  }

  async settle(): Promise<void> {
    if (this.#isRegular) await this.#handle.datasync().catch((error: unknown) => this.#failed(error));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  #failed(error: unknown): never {
    throw new CommandError(EXIT.failed, `Writing ${this.#path} failed: ${messageOf(error)}.`, error);
  }
}

function changed(path: string, bytes: number, known: number): CommandError {
  return new CommandError(
    EXIT.failed,
    `${path} has ${bytes} bytes, but its checkpoint says ${known}. It was changed: delete both to start over.`,
  );
}

function encode(block: string, gzipped: boolean): Buffer | Promise<Buffer> {
  return gzipped ? compress(block) : Buffer.from(block);
}
