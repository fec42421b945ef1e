import type { Milliseconds } from "@kvplug/core/seam";
import type { NamespaceInfo, Namespaces } from "../backend.ts";
import { IN_MEMORY } from "./connection.ts";
import type { Connection } from "./connection.ts";
import { Database } from "./database.ts";
import type { StorageObserver } from "./database.ts";
import { SqliteNamespace } from "./sqlite-namespace.ts";
import { startSweep } from "./sweep.ts";

/** Where the data lies, and by which clock it expires. */
export interface StoreOptions {
  data?: string | undefined;
  now?: (() => Milliseconds) | undefined;
  /** Receives reports about the file. */
  observer?: StorageObserver | undefined;
  /** How long to wait, as it is opened, for the lock of another process, while nothing else runs. */
  patience: Milliseconds;
}

type NamespaceRow = NamespaceInfo & { number: number };

/** Namespaces and what is in them, in a SQLite file or in memory. */
export class SqliteStore implements Namespaces {
  /** The absolute path of the file, or `":memory:"`. */
  readonly path: string;
  readonly #db: Database;
  readonly #now: () => Milliseconds;
  readonly #stopSweep: () => void;

  constructor({ data = IN_MEMORY, now = Date.now, observer, patience }: StoreOptions) {
    this.#db = new Database(data, patience, observer);
    this.path = this.#db.path;
    this.#now = now;
    this.#stopSweep = startSweep(this.#db, now);
  }

  list(): NamespaceInfo[] {
    const rows = this.#db.readNow(({ statements }) => statements.listNamespaces.all());
    return rows.map((row) => info(row as unknown as NamespaceRow));
  }

  get(id: string): NamespaceInfo | undefined {
    const row = this.#row(id);
    return row && info(row);
  }

  find(title: string): NamespaceInfo | undefined {
    const row = this.#db.readNow(({ statements }) => statements.findNamespace.get(title));
    return row && info(row as unknown as NamespaceRow);
  }

  create(title: string, id: string = newId()): Promise<NamespaceInfo | undefined> {
    return this.#db.write((connection) => createIn(connection, title, id));
  }

  /** As {@link create}, before anything else runs. */
  createNow(title: string): NamespaceInfo | undefined {
    return this.#db.writeNow((connection) => createIn(connection, title, newId()));
  }

  rename(id: string, title: string): Promise<NamespaceInfo | undefined> {
    return this.#db.write(({ statements }) => {
      const { changes } = statements.renameNamespace.run(title, id);
      return changes === 0 ? undefined : { id, title };
    });
  }

  delete(id: string): Promise<void> {
    return this.#db.write(({ statements }) => {
      const row = statements.getNamespace.get(id) as unknown as NamespaceRow | undefined;
      if (row === undefined) return;
      statements.deleteAllKeys.run(row.number);
      statements.deleteNamespace.run(row.number);
    });
  }

  open(id: string): SqliteNamespace | undefined {
    return this.#db.readNow((connection) => {
      const row = connection.statements.getNamespace.get(id) as unknown as NamespaceRow | undefined;
      return row && new SqliteNamespace(this.#db, { id, number: row.number, connection }, this.#now);
    });
  }

  close(): void {
    this.#stopSweep();
    this.#db.close();
  }

  #row(id: string): NamespaceRow | undefined {
    const row = this.#db.readNow(({ statements }) => statements.getNamespace.get(id));
    return row as unknown as NamespaceRow | undefined;
  }
}

function createIn({ statements }: Connection, title: string, id: string): NamespaceInfo | undefined {
  const { changes } = statements.createNamespace.run(id, title);
  return changes === 0 ? undefined : { id, title };
}

function newId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

function info({ id, title }: NamespaceRow): NamespaceInfo {
  return { id, title };
}
