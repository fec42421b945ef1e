import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { KVError, reasonOf } from "@kvplug/core/seam";
import type { Milliseconds } from "@kvplug/core/seam";
import { ANY_WRONG_ID, APPLICATION_ID, insertBlobs, insertKeys, PRAGMAS, SCHEMA, SCHEMA_VERSION, SQL } from "./sql.ts";

/** How long a write waits for another process to finish its own. */
const BUSY_TIMEOUT: Milliseconds = 5000;

/** How many rows a bulk write inserts at once: that takes a third of the time that one by one takes. */
const MANY_ROWS = 50;

/** The statements that insert a number of rows at once. */
export interface Inserts {
  readonly rows: number;
  readonly blobs: StatementSync;
  readonly keys: StatementSync;
}

/** The open file with its statements, each prepared once. */
export class Database {
  readonly statements: Readonly<Record<keyof typeof SQL, StatementSync>>;
  readonly insertOne: Inserts;
  readonly insertMany: Inserts;
  readonly #db: DatabaseSync;

  /** Opens a file, creating it and its folder where they are missing; `":memory:"` keeps all in memory. */
  constructor(path: string) {
    this.#db = open(path);
    const names = Object.keys(SQL) as (keyof typeof SQL)[];
    this.statements = Object.fromEntries(names.map((name) => [name, this.#db.prepare(SQL[name])])) as Record<
      keyof typeof SQL,
      StatementSync
    >;
    this.insertOne = this.#inserts(1);
    this.insertMany = this.#inserts(MANY_ROWS);
  }

  get closed(): boolean {
    return !this.#db.isOpen;
  }

  /** Runs all of this, or nothing of it. */
  transaction<T>(run: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = run();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #inserts(rows: number): Inserts {
    return { rows, blobs: this.#db.prepare(insertBlobs(rows)), keys: this.#db.prepare(insertKeys(rows)) };
  }
}

function open(path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    if (path !== ":memory:") mkdirSync(dirname(resolve(path)), { recursive: true });
    db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT });
    prepareFile(db);
    return db;
  } catch (cause) {
    if (db?.isOpen) db.close();
    const message = `data: the file ${JSON.stringify(path)} cannot be opened: ${reasonOf(cause)}.`;
    throw new KVError("KV_INVALID", message, { cause });
  }
}

function prepareFile(db: DatabaseSync): void {
  const tables = db.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.count;
  if (tables !== 0) {
    if (pragma(db, "application_id") !== APPLICATION_ID) throw new Error("it is a database of another program");
    if (pragma(db, "user_version") !== SCHEMA_VERSION) throw new Error("it was written by another version of kvplug");
    // Ids are printed to be pasted into shells, and stand in paths.
    if (db.prepare(ANY_WRONG_ID).get() !== undefined)
      throw new Error("the id of a namespace in it is not 1 to 32 letters, digits, - or _");
  }
  db.exec(PRAGMAS);
  if (tables === 0) createSchema(db);
}

/** Two processes may open a new file at once: the second finds the tables when its turn comes. */
function createSchema(db: DatabaseSync): void {
  db.exec("BEGIN IMMEDIATE");
  const tables = db.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.count;
  if (tables === 0) db.exec(SCHEMA);
  db.exec("COMMIT");
}

function pragma(db: DatabaseSync, name: string): unknown {
  return db.prepare(`PRAGMA ${name}`).get()?.[name];
}
