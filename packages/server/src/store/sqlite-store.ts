import type { Milliseconds } from "@kvplug/core/seam";
import type { NamespaceInfo, Namespaces } from "../backend.ts";
import { Database } from "./database.ts";
import { SqliteNamespace } from "./sqlite-namespace.ts";
import { startSweep } from "./sweep.ts";

/** Where the data lies, and by which clock it expires. */
export interface StoreOptions {
  data?: string | undefined;
  now?: (() => Milliseconds) | undefined;
}

type NamespaceRow = NamespaceInfo & { number: number };

/** Namespaces and what is in them, in a SQLite file or in memory. */
export class SqliteStore implements Namespaces {
  readonly #db: Database;
  readonly #now: () => Milliseconds;
  readonly #stopSweep: () => void;

  constructor({ data = ":memory:", now = Date.now }: StoreOptions = {}) {
    this.#db = new Database(data);
    this.#now = now;
    this.#stopSweep = startSweep(this.#db, now);
  }

  list(): NamespaceInfo[] {
    return this.#db.statements.listNamespaces.all().map((row) => info(row as unknown as NamespaceRow));
  }

  get(id: string): NamespaceInfo | undefined {
    const row = this.#row(id);
    return row && info(row);
  }

  find(title: string): NamespaceInfo | undefined {
    const row = this.#db.statements.findNamespace.get(title) as unknown as NamespaceRow | undefined;
    return row && info(row);
  }

  create(title: string, id: string = crypto.randomUUID().replaceAll("-", "")): NamespaceInfo | undefined {
    const { changes } = this.#db.statements.createNamespace.run(id, title);
    return changes === 0 ? undefined : { id, title };
  }

  rename(id: string, title: string): NamespaceInfo | undefined {
    const { changes } = this.#db.statements.renameNamespace.run(title, id);
    return changes === 0 ? undefined : { id, title };
  }

  delete(id: string): void {
    this.#db.transaction(() => {
      const row = this.#row(id);
      if (row === undefined) return;
      this.#db.statements.deleteAllKeys.run(row.number);
      this.#db.statements.deleteNamespace.run(row.number);
    });
  }

  open(id: string): SqliteNamespace | undefined {
    const row = this.#row(id);
    return row && new SqliteNamespace(this.#db, row.number, this.#now);
  }

  close(): void {
    this.#stopSweep();
    this.#db.close();
  }

  #row(id: string): NamespaceRow | undefined {
    return this.#db.statements.getNamespace.get(id) as unknown as NamespaceRow | undefined;
  }
}

function info({ id, title }: NamespaceRow): NamespaceInfo {
  return { id, title };
}
