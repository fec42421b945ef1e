import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobRequest } from "@kvplug/explorer";
import { checkpointBeside } from "../bulk/pages/checkpoint.ts";
import { stateFolder } from "../bulk/pages/resume.ts";
import type { Environment } from "../context.ts";
import { otherProcessRuns } from "../other-process.ts";
import { removeFile, removeRemnants, replaceFile } from "../replaced-file.ts";

/** Work that can go on where it stopped. */
export type LastingRequest = Extract<JobRequest, { kind: "copy" | "export" }> | ImportRequest;

/** An import of a file that the page sent. */
export interface ImportRequest {
  readonly kind: "import";
  readonly namespace: string;
  /** What the user calls the file. */
  readonly file: string;
}

/** Work as it is written down. */
export interface KeptWork {
  readonly id: string;
  readonly request: LastingRequest;
}

interface Note extends KeptWork {
  /** Whose namespaces it is about. */
  readonly account: string | undefined;
  /** The process that does it. */
  readonly pid: number;
}

const NOTE = ".work.json";
const FILE = ".ndjson";

/** What has arrived is noted at once. */
const NOTED_WITHIN_MILLISECONDS = 60_000;

/** Where the checkpoint of an import is whose file the page sent: an export's is beside it. */
export function importCheckpointOf(file: string): string {
  return `${file}.import-checkpoint`;
}

/**
 * Work that outlives a page, and the process that does it: notes of what is not done, and the files of exports and imports,
 * for this user alone. How far it is, the checkpoints of the commands say.
 */
export class KeptWorks {
  readonly #folder: string;
  /** `undefined` where the data end with the process. */
  readonly #account: string | undefined;

  private constructor(folder: string, account: string | undefined) {
    this.#folder = folder;
    this.#account = account;
  }

  /** That of an account. @param account What it is called: another run finds the work of its own account alone. */
  static of(account: string, env: Environment): KeptWorks {
    return new KeptWorks(join(stateFolder(env), "page"), account);
  }

  /** That of data in memory, which no other run can go on with. */
  static ofThisRun(): KeptWorks {
    return new KeptWorks(join(tmpdir(), `kvplug-page-${randomUUID()}`), undefined);
  }

  /** The file of an export, or of what is imported. */
  fileOf(id: string): string {
    return join(this.#folder, `${id}${FILE}`);
  }

  /** Makes the folder for what is to come. */
  async open(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await removeRemnants(this.#folder);
    await this.#removeUnnoted();
  }

  /** Writes down what is begun. */
  async note({ id, request }: KeptWork): Promise<void> {
    const note: Note = { id, request, account: this.#account, pid: process.pid };
    await replaceFile(this.#noteOf(id), JSON.stringify(note));
  }

  /** Forgets it, with its files. */
  async forget(id: string): Promise<void> {
    const file = this.fileOf(id);
    const checkpoints = [checkpointBeside(file), importCheckpointOf(file)];
    await Promise.all([this.#noteOf(id), file, ...checkpoints].map(removeFile));
  }

  /** What processes that are gone left unfinished. */
  async unfinished(): Promise<KeptWork[]> {
    if (this.#account === undefined) return [];
    const names = await readdir(this.#folder).catch(() => []);
    const notes = await Promise.all(
      names.filter((name) => name.endsWith(NOTE)).map((name) => read(join(this.#folder, name))),
    );
    return notes.filter(
      (note) => note !== undefined && note.account === this.#account && !otherProcessRuns(note.pid),
    ) as Note[];
  }

  /** This run ends. */
  async close(): Promise<void> {
    if (this.#account === undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  /** Removes files that arrived for a process which was killed before it could note them. */
  async #removeUnnoted(): Promise<void> {
    const names = new Set(await readdir(this.#folder));
    const unnoted = [...names].filter((name) => name.endsWith(FILE) && !names.has(name.slice(0, -FILE.length) + NOTE));
    const tidy = async (name: string): Promise<void> => {
      const path = join(this.#folder, name);
      if ((await stat(path)).mtimeMs < Date.now() - NOTED_WITHIN_MILLISECONDS) await rm(path);
    };
    await Promise.allSettled(unnoted.map(tidy));
  }

  #noteOf(id: string): string {
    return join(this.#folder, `${id}${NOTE}`);
  }
}

/** What cannot be read is nobody's. */
async function read(path: string): Promise<Note | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Note;
  } catch {
    return undefined;
  }
}
