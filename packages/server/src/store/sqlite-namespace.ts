import {
  CALL_OPTIONS,
  KVError,
  checkGetOptions,
  checkKey,
  checkKeys,
  checkListOptions,
  checkManyType,
  checkOptionNames,
  checkPutOptions,
  checkValue,
  decode,
  quoteKey,
} from "@kvplug/core/seam";
import type {
  GivenGetOptions,
  CheckedPutOptions,
  KVCallOptions,
  KVEntry,
  KVListKey,
  KVListOptions,
  KVListResult,
  KVPutOptions,
  KVValue,
  KVValueType,
  Milliseconds,
  UnixSeconds,
} from "@kvplug/core/seam";
import type { SQLInputValue } from "node:sqlite";
import type { KVPair, StoreNamespace } from "../backend.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { Connection, Inserts } from "./connection.ts";
import type { Database } from "./database.ts";
import { isMissingParent } from "./sqlite-errors.ts";
import { readStream } from "./stream.ts";

/** A row of `keys` with its value. */
interface Row {
  bytes: Uint8Array<ArrayBuffer>;
  expiration: UnixSeconds | null;
  metadata: string | null;
}

interface CheckedPair extends CheckedPutOptions {
  key: string;
  data: string | Uint8Array;
}

/** A namespace, with its number on a connection. */
export interface OpenedNamespace {
  readonly id: string;
  readonly number: number;
  readonly connection: Connection;
}

/** One namespace of the store: the seam, on SQLite. */
export class SqliteNamespace implements StoreNamespace {
  readonly #db: Database;
  readonly #id: string;
  readonly #now: () => Milliseconds;
  #connection: Connection;
  #number: number;

  constructor(db: Database, { id, number, connection }: OpenedNamespace, now: () => Milliseconds) {
    this.#db = db;
    this.#id = id;
    this.#number = number;
    this.#connection = connection;
    this.#now = now;
  }

  async get(keys: string | string[], options?: GivenGetOptions): Promise<any> {
    const found = await this.getWithMetadata(keys, options);
    if (!(found instanceof Map)) return found.value;
    return new Map([...found].map(([key, entry]) => [key, entry.value]));
  }

  async getWithMetadata(keys: string | string[], options?: GivenGetOptions): Promise<any> {
    const { type, signal } = checkGetOptions(options);
    signal?.throwIfAborted();
    if (Array.isArray(keys)) {
      checkKeys(keys);
      checkManyType(type);
      const distinct = [...new Set(keys)];
      const entries = await this.#entries(distinct, type);
      return new Map(distinct.map((key, i) => [key, entries[i]]));
    }
    checkKey(keys);
    return (await this.#entries([keys], type))[0];
  }

  async valueBytes(keys: readonly string[]): Promise<number> {
    const now = this.#seconds();
    return this.#db.read((connection) => {
      const number = this.#numberOn(connection);
      const { valueBytes } = connection.statements;
      return keys.reduce((sum, key) => sum + Number(valueBytes.get(number, key, now)?.["bytes"] ?? 0), 0);
    });
  }

  async put(key: string, value: KVValue, options: KVPutOptions = {}): Promise<void> {
    checkKey(key);
    const checked = checkPutOptions(key, options, this.#now());
    options.signal?.throwIfAborted();
    const known = checkValue(key, value);
    const data = "stream" in known ? await readStream(key, known) : known.data;
    options.signal?.throwIfAborted();
    await this.#write([{ ...checked, key, data }]);
  }

  /** Writes all pairs in one transaction, checked beforehand: all are written, or none. */
  async putMany(pairs: readonly KVPair[]): Promise<string[]> {
    const now = this.#now();
    await this.#write(pairs.map((pair) => checkPair(pair, now)));
    return [];
  }

  async delete(key: string, options: KVCallOptions = {}): Promise<void> {
    checkKey(key);
    checkOptionNames("delete", options, CALL_OPTIONS);
    options.signal?.throwIfAborted();
    await this.#remove([key]);
  }

  /** Deletes all keys in one transaction. */
  async deleteMany(keys: readonly string[]): Promise<string[]> {
    checkKeys(keys);
    await this.#remove(keys);
    return [];
  }

  async list<Metadata = unknown>(options: KVListOptions = {}): Promise<KVListResult<Metadata>> {
    const { prefix, limit, cursor } = checkListOptions(options);
    options.signal?.throwIfAborted();
    const start = Buffer.from(prefix);
    // 0xFF is in no UTF-8, so this lies after every name with the prefix; a NUL more is the next name there can be.
    const end = Buffer.concat([start, Buffer.of(0xff)]);
    const from = cursor === "" ? start : Buffer.concat([decodeCursor(cursor, start), Buffer.of(0)]);
    const now = this.#seconds();
    const rows = await this.#db.read((connection) => {
      const found = connection.statements.list.all(this.#numberOn(connection), from, end, now, limit + 1);
      if (found.length === 0) this.#checkExists(connection);
      return found as unknown as ListRow[];
    });
    const page = rows.slice(0, limit);
    const keys = page.map((row) => toListKey<Metadata>(row));
    const last = page.at(-1);
    if (rows.length <= limit || last === undefined) return { list_complete: true, keys, cacheStatus: null };
    return { list_complete: false, keys, cursor: encodeCursor(last.name), cacheStatus: null };
  }

  /** What is stored under distinct keys, in their order. */
  #entries(keys: readonly string[], type: KVValueType): Promise<KVEntry<unknown>[]> {
    const now = this.#seconds();
    return this.#db.read((connection) => {
      const number = this.#numberOn(connection);
      let isMissing = false;
      const entries = keys.map((key) => {
        const row = connection.statements.get.get(number, key, now) as unknown as Row | undefined;
        isMissing ||= row === undefined;
        return toEntry(key, row, type);
      });
      if (isMissing) this.#checkExists(connection);
      return entries;
    });
  }

  async #write(pairs: readonly CheckedPair[]): Promise<void> {
    const now = this.#seconds();
    try {
      await this.#db.write((connection) => {
        const { insertOne, insertMany } = connection;
        const number = this.#numberOn(connection);
        for (let at = 0; at < pairs.length;) {
          const inserts = at + insertMany.rows <= pairs.length ? insertMany : insertOne;
          insert(number, pairs.slice(at, (at += inserts.rows)), inserts, now);
        }
      });
    } catch (error) {
      throw isMissingParent(error) ? namespaceDeleted() : error;
    }
  }

  #remove(keys: readonly string[]): Promise<void> {
    return this.#db.write((connection) => {
      const number = this.#numberOn(connection);
      let removed = 0;
      for (const key of keys) removed += Number(connection.statements.delete.run(number, key).changes);
      if (removed === 0) this.#checkExists(connection);
    });
  }

  /** The number of this namespace; looked up again if the file was reopened, since another one may be in its place. */
  #numberOn(connection: Connection): number {
    if (connection !== this.#connection) {
      const row = connection.statements.getNamespace.get(this.#id);
      if (row === undefined) throw namespaceDeleted();
      this.#connection = connection;
      this.#number = Number(row["number"]);
    }
    return this.#number;
  }

  /** A namespace that was deleted must not look like an empty one. */
  #checkExists({ statements }: Connection): void {
    if (statements.namespaceExists.get(this.#number) === undefined) throw namespaceDeleted();
  }

  #seconds(): UnixSeconds {
    return Math.floor(this.#now() / 1000);
  }
}

/** Inserts as many pairs as the statements have rows. */
function insert(number: number, pairs: readonly CheckedPair[], { rows, blobs, keys }: Inserts, now: UnixSeconds): void {
  const last = blobs.run(...pairs.map(({ data }) => data)).lastInsertRowid;
  // SQLite counts the rows of a statement up, one by one.
  let blob = Number(last) - rows;
  const values: SQLInputValue[] = [];
  for (const { key, expiration, expirationTtl, metadata } of pairs) {
    const until = expirationTtl === undefined ? expiration : now + expirationTtl;
    values.push(number, key, until ?? null, metadata ?? null, ++blob);
  }
  keys.run(...values);
}

function namespaceDeleted(): KVError {
  return new KVError("KV_NOT_FOUND", "The namespace was deleted after it was opened.");
}

function toEntry(key: string, row: Row | undefined, type: KVValueType): KVEntry<unknown> {
  if (row === undefined) return { value: null, metadata: null, cacheStatus: null };
  const entry: KVEntry<unknown> = {
    value: decode(key, wholeBuffer(row.bytes), type),
    metadata: row.metadata === null ? null : JSON.parse(row.metadata),
    cacheStatus: null,
  };
  if (row.expiration !== null) entry.expiration = row.expiration;
  return entry;
}

/** A row of a listing. */
type ListRow = Omit<Row, "bytes"> & { name: Uint8Array };

function toListKey<Metadata>({ name, expiration, metadata }: ListRow): KVListKey<Metadata> {
  const key: KVListKey<Metadata> = { name: Buffer.from(name.buffer, name.byteOffset, name.byteLength).toString() };
  if (expiration !== null) key.expiration = expiration;
  if (metadata !== null) key.metadata = JSON.parse(metadata);
  return key;
}

function checkPair({ key, value, ...options }: KVPair, now: Milliseconds): CheckedPair {
  checkKey(key);
  const checked = checkPutOptions(key, options, now);
  const known = checkValue(key, value);
  if ("stream" in known) {
    throw new KVError("KV_INVALID", `putMany takes no streams; put ${quoteKey(key)} by itself.`, { key });
  }
  return { ...checked, key, data: known.data };
}

/** node:sqlite returns each value in its own buffer. */
function wholeBuffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}
