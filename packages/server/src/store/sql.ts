/**
 * All the SQL of the store.
 *
 * Names are BLOBs of UTF-8, so that SQLite orders them as KV does: byte by byte. Values lie in a
 * table of their own, so that a listing walks small rows, however large the values are. Both may be
 * bound as text: SQLite's own cast to UTF-8 is the fastest there is.
 *
 * @module
 */

/** "kvpl": marks a file as ours, so that no other program's database is written to. */
export const APPLICATION_ID = 0x6b76706c;

export const SCHEMA_VERSION = 1;

/** Finds an id that kvplug does not assign. */
export const ANY_WRONG_ID =
  "SELECT 1 FROM namespaces WHERE length(id) NOT BETWEEN 1 AND 32 OR id GLOB '*[^-_0-9A-Za-z]*'";

export const SCHEMA: string = `
  CREATE TABLE namespaces (
    number INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice
    id     TEXT NOT NULL UNIQUE,
    title  TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE blobs (
    id    INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL                        -- the value, byte for byte
  ) STRICT;

  CREATE TABLE keys (
    namespace  INTEGER NOT NULL REFERENCES namespaces (number),
    name       BLOB    NOT NULL,               -- UTF-8
    expiration INTEGER,                        -- seconds since 1970; NULL: never
    metadata   TEXT,                           -- JSON; NULL: none
    blob       INTEGER NOT NULL,               -- blobs.id
    PRIMARY KEY (namespace, name)
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX expiring ON keys (expiration) WHERE expiration IS NOT NULL;

  CREATE TRIGGER value_replaced AFTER UPDATE OF blob ON keys BEGIN
    DELETE FROM blobs WHERE id = OLD.blob;
  END;

  CREATE TRIGGER value_deleted AFTER DELETE ON keys BEGIN
    DELETE FROM blobs WHERE id = OLD.blob;
  END;

  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** A commit reaches the operating system before it is answered: it survives the process, not a power cut. */
export const PRAGMAS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA cache_size = -32768;                  -- KiB
`;

export const SQL = {
  listNamespaces: "SELECT number, id, title FROM namespaces ORDER BY id",
  getNamespace: "SELECT number, id, title FROM namespaces WHERE id = ?",
  findNamespace: "SELECT number, id, title FROM namespaces WHERE title = ?",
  createNamespace: "INSERT INTO namespaces (id, title) VALUES (?, ?) ON CONFLICT DO NOTHING",
  renameNamespace: "UPDATE OR IGNORE namespaces SET title = ? WHERE id = ?",
  deleteNamespace: "DELETE FROM namespaces WHERE number = ?",
  namespaceExists: "SELECT 1 FROM namespaces WHERE number = ?",
  deleteAllKeys: "DELETE FROM keys WHERE namespace = ?",

  // namespace, name, now (seconds)
  get: `
    SELECT bytes, expiration, metadata
    FROM keys JOIN blobs ON blobs.id = keys.blob
    WHERE namespace = ? AND name = CAST(? AS BLOB) AND (expiration IS NULL OR expiration > ?)`,

  // namespace, name, now (seconds); SQLite tells the length without reading the bytes
  valueBytes: `
    SELECT length(bytes) AS bytes
    FROM keys JOIN blobs ON blobs.id = keys.blob
    WHERE namespace = ? AND name = CAST(? AS BLOB) AND (expiration IS NULL OR expiration > ?)`,

  // namespace, first name, name to stop before, now (seconds), most rows
  list: `
    SELECT name, expiration, metadata
    FROM keys
    WHERE namespace = ? AND name >= ? AND name < ? AND (expiration IS NULL OR expiration > ?)
    ORDER BY name
    LIMIT ?`,

  delete: "DELETE FROM keys WHERE namespace = ? AND name = CAST(? AS BLOB)",

  // now (seconds), most rows
  sweep: `
    DELETE FROM keys WHERE (namespace, name) IN (
      SELECT namespace, name FROM keys WHERE expiration <= ? LIMIT ?
    )`,
} as const;

/** A row: bytes, or text. */
export function insertBlobs(rows: number): string {
  // Node 22 binds bytes of length 0 as NULL.
  return `INSERT INTO blobs (bytes) VALUES ${times(rows, "(coalesce(CAST(? AS BLOB), zeroblob(0)))")}`;
}

/** A row: namespace, name, expiration (seconds since 1970), metadata (JSON), blob. */
export function insertKeys(rows: number): string {
  return `
    INSERT INTO keys (namespace, name, expiration, metadata, blob)
    VALUES ${times(rows, "(?, CAST(? AS BLOB), ?, ?, ?)")}
    ON CONFLICT (namespace, name) DO UPDATE SET
      expiration = excluded.expiration, metadata = excluded.metadata, blob = excluded.blob`;
}

function times(rows: number, row: string): string {
  return Array(rows).fill(row).join(", ");
}
