import { usageError } from "../command-error.ts";
import type { Context } from "../context.ts";
import { Folder } from "./folder.ts";
import { Input } from "./input.ts";
import { readMap, readRecords, type UnreadRecord } from "./read-records.ts";

/** What an import reads: as often as asked, but for a pipe. */
export interface RecordSource {
  readonly name: string;
  /** What it was when it was opened; `undefined` for what has no beginning to go back to. */
  readonly version: { readonly bytes: number; readonly mtimeMs: number } | undefined;
  /** Which share of it is read. */
  readonly share: number | undefined;
  read(signal?: AbortSignal): AsyncGenerator<readonly UnreadRecord[]>;
}

/** How a source is to be understood, where it does not tell itself. */
export interface SourceFlags {
  map?: true;
  prefix?: string;
}

/** Opens a file, a folder, or stdin for `-`. */
export async function openSource(context: Context, path: string, { map, prefix }: SourceFlags): Promise<RecordSource> {
  const folder = path === "-" ? undefined : await Folder.open(path, prefix ?? "");
  if (folder !== undefined) {
    if (map) throw usageError(`--map is for a file, and ${path} is a folder.`);
    return folder;
  }
  if (prefix !== undefined) throw usageError("--prefix is for a folder: it stands in front of the paths of its files.");
  const input = await Input.open(context, path);
  return {
    name: input.name,
    version: input.version,
    get share() {
      return input.share;
    },
    read: (signal) => (map ? readMap : readRecords)(input, signal),
  };
}
