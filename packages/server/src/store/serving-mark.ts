import { rmSync } from "node:fs";
import type { DatabaseSync as Database } from "node:sqlite";
import { createPrivately } from "./connection.ts";
import { DatabaseSync } from "./sqlite.ts";
import { troubleOf } from "./sqlite-errors.ts";

/**
 * Marks a file as served by this process for as long as it runs: by a lock, which the system takes back from who dies,
 * on an empty database beside it. Returns how to take the mark away; `undefined` where another server has it.
 */
export function markAsServed(path: string): (() => void) | undefined {
  const mark = `${path}-served`;
  let db: Database | undefined;
  try {
    createPrivately(mark);
    db = new DatabaseSync(mark, { timeout: 0 });
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db?.close();
    // Where it cannot be written, nobody can tell.
    return troubleOf(error) === "locked" ? undefined : () => {};
  }
  const held = db;
  return () => {
    held.close();
    rmSync(mark, { force: true });
  };
}
