import { chmodSync, closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync as Database, StatementSync } from "node:sqlite";
import { KVError, reasonOf } from "@kvplug/core/seam";
import type { Milliseconds } from "@kvplug/core/seam";
import { StorageError } from "../routes/storage-error.ts";
import { ANY_WRONG_ID, APPLICATION_ID, insertBlobs, insertKeys, PRAGMAS, SCHEMA, SCHEMA_VERSION, SQL } from "./sql.ts";
import { DatabaseSync } from "./sqlite.ts";
import { troubleOf } from "./sqlite-errors.ts";

export const IN_MEMORY = ":memory:";

/** How many rows a bulk write inserts at once: that takes a third of the time that one by one takes. */
const MANY_ROWS = 50;

/** The statements that insert a number of rows at once. */
export interface Inserts {
  readonly rows: number;
  readonly blobs: StatementSync;
  readonly keys: StatementSync;
}

/** An open file, with its statements, each prepared once. */
export interface Connection {
  readonly db: Database;
  readonly statements: Readonly<Record<keyof typeof SQL, StatementSync>>;
  readonly insertOne: Inserts;
  readonly insertMany: Inserts;
}

/**
 * Opens a file, and creates it and its folder if missing; {@link IN_MEMORY} keeps everything in memory.
 *
 * @param patience How long to wait for another process's lock, which blocks this process.
 * @throws {StorageError} if the file cannot be used now.
 * @throws {KVError} `KV_INVALID` if it can never be used.
 */
export function connect(path: string, patience: Milliseconds): Connection {
  let db: Database | undefined;
  try {
    if (path !== IN_MEMORY) createPrivately(path);
    db = new DatabaseSync(path, { timeout: patience });
    prepareFile(db);
    const connection = prepareStatements(db);
    waitForLocks(db, 0);
    return connection;
  } catch (cause) {
    if (db?.isOpen) db.close();
    const trouble = troubleOf(cause);
    if (trouble !== undefined && !isWrongFile(cause)) throw new StorageError(path, trouble, cause);
    const message = `data: the file ${JSON.stringify(path)} cannot be opened: ${reasonOf(cause)}.`;
    throw new KVError("KV_INVALID", message, { cause });
  }
}

/** Sets for how long SQLite itself waits for a lock, while nothing else runs. */
export function waitForLocks(db: Database, time: Milliseconds): void {
  db.exec(`PRAGMA busy_timeout = ${time}`);
}

/** SQLITE_CANTOPEN and SQLITE_NOTADB: a folder, or another program's file. */
function isWrongFile(cause: unknown): boolean {
  const { errcode } = cause as { errcode?: number };
  return errcode === 14 || errcode === 26;
}

/**
 * Creates the file and its folder if missing, for this user only. Existing ones keep their mode, which SQLite also
 * gives to its own files.
 */
export function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    // Never opened where it exists: to close it would give up the locks that this process has on it.
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

/** Gives what SQLite has put beside a file while that was read-only, and so is, the mode that the file has now. */
export function alignModes(path: string): void {
  for (const beside of ["-wal", "-shm"]) {
    try {
      chmodSync(path + beside, statSync(path).mode & 0o777);
    } catch {
      // It is missing, or belongs to another user: the file stays read-only, which is reported.
    }
  }
}

function prepareFile(db: Database): void {
  const tables = db.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.count;
  if (tables !== 0) {
    if (pragma(db, "application_id") !== APPLICATION_ID) throw new Error("it is another program's database");
    if (pragma(db, "user_version") !== SCHEMA_VERSION) throw new Error("it was written by another version of kvplug");
    // Ids are printed to be pasted into shells, and stand in paths.
    if (db.prepare(ANY_WRONG_ID).get() !== undefined)
      throw new Error("the id of a namespace in it is not 1 to 32 letters, digits, - or _");
  }
  db.exec(PRAGMAS);
  if (tables === 0) createSchema(db);
}

/** Two processes may open a new file at once: the second finds the tables when its turn comes. */
function createSchema(db: Database): void {
  db.exec("BEGIN IMMEDIATE");
  const tables = db.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.count;
  if (tables === 0) db.exec(SCHEMA);
  db.exec("COMMIT");
}

function pragma(db: Database, name: string): unknown {
  return db.prepare(`PRAGMA ${name}`).get()?.[name];
}

function prepareStatements(db: Database): Connection {
  const names = Object.keys(SQL) as (keyof typeof SQL)[];
  const inserts = (rows: number): Inserts => ({
    rows,
    blobs: db.prepare(insertBlobs(rows)),
    keys: db.prepare(insertKeys(rows)),
  });
  return {
    db,
    statements: Object.fromEntries(names.map((name) => [name, db.prepare(SQL[name])])) as Connection["statements"],
    insertOne: inserts(1),
    insertMany: inserts(MANY_ROWS),
  };
}
