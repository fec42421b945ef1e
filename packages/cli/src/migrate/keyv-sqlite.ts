import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { shellQuote } from "../shell.ts";
import type { Found, Source } from "./source.ts";

/** How many rows are read at once. */
const ROWS = 500;

/**
 * Opens the file of a Keyv on SQLite, `sqlite://FILE` or `sqlite://FILE?table=NAME`. Values stay as Keyv serialised
 * them, so that a Keyv on KV reads them.
 *
 * @throws {CommandError} if the file or table does not exist.
 */
export function openKeyvSqlite(text: string, prefix: string): Source {
  const [path = "", query] = text.replace(/^sqlite:(\/\/)?/, "").split("?");
  const table = new URLSearchParams(query).get("table") ?? "keyv";
  if (!/^\w+$/.test(table)) throw usageError("A table's name may only have letters, digits and _.");
  if (!existsSync(path)) throw new CommandError(EXIT.failed, `${path}: no such file or directory`);
  const database = new DatabaseSync(path, { readOnly: true });
  const columns = columnsOf(database, path, table);
  const expires = columns.includes("expires") ? "expires" : "NULL AS expires";
  // Node 22 binds nothing to a parameter with a number.
  const where = "substr(CAST(key AS TEXT), 1, length(?)) = ?";
  const { count } = database.prepare(`SELECT count(*) AS count FROM ${table} WHERE ${where}`).get(prefix, prefix) as {
    count: number;
  };
  const rows = database.prepare(
    `SELECT rowid AS row, key, value, ${expires} FROM ${table} WHERE ${where} AND rowid > ? ORDER BY rowid LIMIT ${ROWS}`,
  );
  return {
    name: `sqlite://${path}`,
    count,
    async *read(from) {
      let row = Number(from);
      for (;;) {
        const some = rows.all(prefix, prefix, row) as unknown as Row[];
        row = some.at(-1)?.row ?? row;
        const isLast = some.length < ROWS;
        yield { found: some.map(toFound), unfit: 0, next: isLast ? undefined : String(row) };
        if (isLast) return;
      }
    },
    [Symbol.asyncDispose]: async () => {
      database.close();
    },
  };
}

interface Row {
  readonly row: number;
  readonly key: string;
  readonly value: string | Uint8Array | null;
  readonly expires: number | null;
}

function columnsOf(database: DatabaseSync, path: string, table: string): string[] {
  let columns: string[] = [];
  try {
    columns = database
      .prepare(`PRAGMA table_info(${table})`)
      .all()
      .map(({ name }) => String(name));
  } catch {
    throw new CommandError(EXIT.failed, `${path} is not a SQLite database.`);
  }
  if (columns.includes("key") && columns.includes("value")) return columns;
  throw new CommandError(
    EXIT.failed,
    `${path} has no table '${table}' of a Keyv. Name it: ${shellQuote(`sqlite://${path}?table=NAME`)}.`,
  );
}

function toFound({ key, value, expires }: Row): Found {
  const data = typeof value === "string" ? value : Buffer.from(value ?? "");
  const ends = expires ?? expiresIn(data.toString());
  return { key, value: data, expiration: ends === undefined ? undefined : Math.ceil(ends / 1000) };
}

/** Keyv keeps the moment within the value. */
function expiresIn(text: string): number | undefined {
  try {
    const { expires } = JSON.parse(text) as { expires?: unknown };
    return typeof expires === "number" ? expires : undefined;
  } catch {
    return undefined;
  }
}
