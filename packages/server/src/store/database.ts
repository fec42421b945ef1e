import { resolve } from "node:path";
import { KVError } from "@kvplug/core/seam";
import type { Milliseconds } from "@kvplug/core/seam";
import { StorageError } from "../routes/storage-error.ts";
import type { StorageTrouble } from "../routes/storage-error.ts";
import { alignModes, connect, IN_MEMORY, waitForLocks } from "./connection.ts";
import type { Connection } from "./connection.ts";
import { LOCK_PATIENCE, LockQueue } from "./lock-queue.ts";
import { troubleOf } from "./sqlite-errors.ts";

/** Who wants to know how the file does. */
export interface StorageObserver {
  /** It cannot be used. */
  failed(error: StorageError): void;
  /** Something was written. */
  wrote(): void;
}

/** For how long a look at the namespaces may hold up everything else. */
const MOMENT: Milliseconds = 50;

/** Troubles that reopening the file may solve: another file may be in its place, or it may be writable again. */
const WORTH_REOPENING: ReadonlySet<StorageTrouble> = new Set(["read-only", "malformed", "failed"]);

/** The open file. What is wrong with it is a {@link StorageError}, and over when the cause is. */
export class Database {
  readonly path: string;
  readonly #observer: StorageObserver | undefined;
  readonly #reads = new LockQueue();
  readonly #writes = new LockQueue();
  #connection: Connection;
  #lostBy: unknown;
  #closed = false;

  /**
   * Opens a file, and creates it and its folder if missing; `":memory:"` keeps everything in memory.
   *
   * @param patience How long to wait for another process's lock, which blocks this process.
   */
  constructor(path: string, patience: Milliseconds, observer?: StorageObserver) {
    // An absolute path is never parsed as a URI, whatever the file's name.
    this.path = path === IN_MEMORY ? path : resolve(path);
    this.#observer = observer;
    this.#connection = connect(this.path, patience);
  }

  /** Reads; waits where another process does not let it. */
  async read<T>(run: (connection: Connection) => T): Promise<T> {
    try {
      return await this.#reads.run(() => this.#attempt(run));
    } catch (error) {
      throw this.#told(error);
    }
  }

  /** Reads at once, except while another process may be recovering the file. */
  readNow<T>(run: (connection: Connection) => T): T {
    try {
      return this.#attempt(run);
    } catch (error) {
      if (troubleOf(error) !== "locked") throw this.#told(error);
    }
    return this.#waitingNow(MOMENT, run);
  }

  /** Runs this if it can be done now; a failure is ignored. */
  tryNow<T>(run: (connection: Connection) => T): T | undefined {
    try {
      return this.#attempt(run);
    } catch {
      return undefined;
    }
  }

  /** Does all of this, or nothing of it, when all writes before are done. */
  async write<T>(run: (connection: Connection) => T): Promise<T> {
    try {
      const result = await this.#writes.run(() => this.#attempt((connection) => transaction(connection, run)));
      this.#observer?.wrote();
      return result;
    } catch (error) {
      throw this.#told(error);
    }
  }

  /** As {@link write}, and waits for a lock while nothing else runs: for what happens as a program starts. */
  writeNow<T>(run: (connection: Connection) => T): T {
    return this.#waitingNow(LOCK_PATIENCE, (connection) => transaction(connection, run));
  }

  close(): void {
    this.#closed = true;
    if (this.#connection.db.isOpen) this.#connection.db.close();
  }

  /** Waits for locks while nothing else runs. */
  #waitingNow<T>(time: Milliseconds, run: (connection: Connection) => T): T {
    const { db } = this.#connection;
    if (db.isOpen) waitForLocks(db, time);
    try {
      return this.#attempt(run);
    } catch (error) {
      throw this.#told(error);
    } finally {
      if (db.isOpen) waitForLocks(db, 0);
    }
  }

  /** Tries it, and again on the reopened file if that may help. */
  #attempt<T>(run: (connection: Connection) => T): T {
    if (this.#closed) throw new KVError("KV_CLOSED", "The store was closed.");
    if (!this.#connection.db.isOpen) this.#open(this.#lostBy);
    try {
      return run(this.#connection);
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble === undefined || !WORTH_REOPENING.has(trouble) || this.path === IN_MEMORY) throw error;
      this.#lostBy = error;
      // First, so that what SQLite puts beside the file is made anew as well.
      this.#connection.db.close();
      if (trouble === "read-only") alignModes(this.path);
      this.#open(error);
      return run(this.#connection);
    }
  }

  /** @throws the error by which the file was lost, if it cannot be reopened; callers wait for a lock themselves. */
  #open(lostBy: unknown): void {
    try {
      this.#connection = connect(this.path, 0);
    } catch (error) {
      throw troubleOf(error) === "locked" ? error : lostBy;
    }
  }

  #told(error: unknown): unknown {
    const trouble = troubleOf(error);
    if (trouble === undefined) return error;
    const told = error instanceof StorageError ? error : new StorageError(this.path, trouble, error);
    this.#observer?.failed(told);
    return told;
  }
}

function transaction<T>(connection: Connection, run: (connection: Connection) => T): T {
  const { db } = connection;
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = run(connection);
    db.exec("COMMIT");
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
