import { KVError } from "@kvplug/core/seam";

/** Why a store's file cannot be read or written. */
export type StorageTrouble = "full" | "read-only" | "malformed" | "locked" | "failed";

/** What it is called, and what to do about it. */
const WORDS: Readonly<Record<StorageTrouble, readonly [what: string, remedy: string]>> = {
  full: ["the disk is full", "Free some space."],
  "read-only": ["the file is read-only", "Give this user write access to it and its folder."],
  malformed: ["the file is malformed", "Replace it with a copy, or move it away."],
  locked: ["another program holds its lock", "Find out which one has the file open, and stop it or its transaction."],
  failed: ["the system cannot read or write it", "Check the file, its folder and the disk."],
};

/** A store's file cannot be read or written now. The call did nothing, and may be repeated. */
export class StorageError extends KVError {
  override name = "StorageError";
  readonly trouble: StorageTrouble;

  constructor(path: string, trouble: StorageTrouble, cause: unknown) {
    const [what, remedy] = WORDS[trouble];
    super("KV_STORAGE", `The data of ${JSON.stringify(path)} cannot be used: ${what}. ${remedy}`, { cause });
    this.trouble = trouble;
  }
}

/** Describes a store's trouble without the file's path. */
export function describeTrouble(trouble: StorageTrouble): string {
  return WORDS[trouble][0];
}
