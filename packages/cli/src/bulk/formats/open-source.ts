import { usageError } from "../../command-error.ts";
import type { Context } from "../../context.ts";
import { Folder } from "./folder.ts";
import { Input } from "../files/input.ts";
import { readMap, readRecords } from "./read-records.ts";
import type { RecordSource } from "./record-source.ts";

/** How to read a source that does not say so itself. */
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
  if (prefix !== undefined) throw usageError("--prefix is for a folder: it prefixes the paths of its files.");
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
