import { readFileSync, statSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import type { KVPair } from "@kvplug/core";
import { checkKey, checkValueBytes } from "@kvplug/core/seam";
import type { UnreadRecord } from "./unread-record.ts";
import type { RecordSource } from "./record-source.ts";

/** How many files to yield at once. */
const HEAP = 100;

/** A file as a record: its path below the folder is the key. */
class FileRecord implements UnreadRecord {
  readonly place: string;
  readonly #path: string;
  readonly #key: string;

  constructor(folder: string, place: string, prefix: string) {
    this.place = place;
    this.#path = join(folder, place);
    this.#key = prefix + place.split(sep).join("/");
  }

  read(): KVPair {
    checkKey(this.#key);
    const about = statSync(this.#path);
    if (!about.isFile()) throw new Error("it is not a file");
    checkValueBytes(this.#key, about.size);
    return { key: this.#key, value: readFileSync(this.#path) };
  }
}

/** The files of a folder and of those below it, in the order of their paths. */
export class Folder implements RecordSource {
  readonly name: string;
  readonly version: { readonly bytes: number; readonly mtimeMs: number };
  readonly #files: readonly string[];
  readonly #prefix: string;
  #read = 0;

  private constructor(name: string, files: readonly string[], version: Folder["version"], prefix: string) {
    this.name = name;
    this.version = version;
    this.#files = files;
    this.#prefix = prefix;
  }

  /** Returns `undefined` if the path is not a folder. */
  static async open(path: string, prefix: string): Promise<Folder | undefined> {
    if (!(await stat(path)).isDirectory()) return undefined;
    const files: string[] = [];
    let [bytes, mtimeMs] = [0, 0];
    for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory()) continue;
      const file = join(entry.parentPath, entry.name);
      files.push(file.slice(join(path, sep).length));
      const about = await stat(file).catch(() => undefined);
      bytes += about?.size ?? 0;
      mtimeMs = Math.max(mtimeMs, about?.mtimeMs ?? 0);
    }
    return new Folder(path, files.toSorted(), { bytes, mtimeMs }, prefix);
  }

  get share(): number {
    return this.#read / Math.max(1, this.#files.length);
  }

  async *read(signal?: AbortSignal): AsyncGenerator<readonly UnreadRecord[]> {
    this.#read = 0;
    for (let start = 0; start < this.#files.length; start += HEAP) {
      signal?.throwIfAborted();
      const some = this.#files.slice(start, start + HEAP);
      yield some.map((file) => new FileRecord(this.name, file, this.#prefix));
      this.#read += some.length;
    }
  }
}
