import { StorageError } from "../routes/storage-error.ts";
import type { StorageTrouble } from "../routes/storage-error.ts";

/** SQLite's result codes, of which the extended ones keep the low byte: https://sqlite.org/rescode.html. */
const TROUBLES: Readonly<Record<number, StorageTrouble>> = {
  5: "locked", // SQLITE_BUSY
  6: "locked", // SQLITE_LOCKED
  8: "read-only", // SQLITE_READONLY
  10: "failed", // SQLITE_IOERR
  11: "malformed", // SQLITE_CORRUPT
  13: "full", // SQLITE_FULL
  14: "failed", // SQLITE_CANTOPEN
  26: "malformed", // SQLITE_NOTADB
};

const CONSTRAINT_FOREIGNKEY = 787;

/** What is wrong with the file, where an error of node:sqlite, or what was made of one, says that something is. */
export function troubleOf(error: unknown): StorageTrouble | undefined {
  if (error instanceof StorageError) return error.trouble;
  const code = codeOf(error);
  return code === undefined ? undefined : TROUBLES[code & 0xff];
}

/** Whether a row was written for a namespace that is gone. */
export function isMissingParent(error: unknown): boolean {
  return codeOf(error) === CONSTRAINT_FOREIGNKEY;
}

function codeOf(error: unknown): number | undefined {
  const { errcode } = (error instanceof Error ? error : {}) as { errcode?: unknown };
  return typeof errcode === "number" ? errcode : undefined;
}
