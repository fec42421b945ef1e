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
import type { Database, Inserts } from "./database.ts";
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

/** One namespace of the store: the seam, on SQLite. */
export class SqliteNamespace implements StoreNamespace {
  readonly #db: Database;
  readonly #number: number;
  readonly #now: () => Milliseconds;

  constructor(db: Database, number: number, now: () => Milliseconds) {
    this.#db = db;
    this.#number = number;
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
    this.#checkOpen();
    if (Array.isArray(keys)) {
      checkKeys(keys);
      checkManyType(type);
      return new Map(Array.from(new Set(keys), (key) => [key, this.#read(key, type)]));
    }
    checkKey(keys);
    return this.#read(keys, type);
  }

  async valueBytes(keys: readonly string[]): Promise<number> {
    this.#checkOpen();
    const now = this.#seconds();
    let sum = 0;
    for (const key of keys) sum += Number(this.#db.statements.valueBytes.get(this.#number, key, now)?.["bytes"] ?? 0);
    return sum;
  }

  async put(key: string, value: KVValue, options: KVPutOptions = {}): Promise<void> {
    checkKey(key);
    const checked = checkPutOptions(key, options, this.#now());
    options.signal?.throwIfAborted();
    const known = checkValue(key, value);
    const data = "stream" in known ? await readStream(key, known) : known.data;
    options.signal?.throwIfAborted();
    this.#write([{ ...checked, key, data }]);
  }

  /** Writes all pairs in one transaction, checked beforehand: all are written, or none. */
  async putMany(pairs: readonly KVPair[]): Promise<string[]> {
    const now = this.#now();
    this.#write(pairs.map((pair) => checkPair(pair, now)));
    return [];
  }

  async delete(key: string, options: KVCallOptions = {}): Promise<void> {
    checkKey(key);
    checkOptionNames("delete", options, CALL_OPTIONS);
    options.signal?.throwIfAborted();
    this.#remove([key]);
  }

  /** Deletes all keys in one transaction. */
  async deleteMany(keys: readonly string[]): Promise<string[]> {
    checkKeys(keys);
    this.#remove(keys);
    return [];
  }

  async list<Metadata = unknown>(options: KVListOptions = {}): Promise<KVListResult<Metadata>> {
    const { prefix, limit, cursor } = checkListOptions(options);
    options.signal?.throwIfAborted();
    this.#checkOpen();
    const start = Buffer.from(prefix);
    // 0xFF is in no UTF-8, so this lies after every name with the prefix; a NUL more is the next name there can be.
    const end = Buffer.concat([start, Buffer.of(0xff)]);
    const from = cursor === "" ? start : Buffer.concat([decodeCursor(cursor, start), Buffer.of(0)]);
    const rows = this.#db.statements.list.all(
      this.#number,
      from,
      end,
      this.#seconds(),
      limit + 1,
    ) as unknown as ListRow[];
    const page = rows.slice(0, limit);
    const keys = page.map((row) => toListKey<Metadata>(row));
    const last = page.at(-1);
    if (rows.length <= limit || last === undefined) return { list_complete: true, keys, cacheStatus: null };
    return { list_complete: false, keys, cursor: encodeCursor(last.name), cacheStatus: null };
  }

  #read(key: string, type: KVValueType): KVEntry<unknown> {
    const row = this.#db.statements.get.get(this.#number, key, this.#seconds()) as unknown as Row | undefined;
    if (row === undefined) return { value: null, metadata: null, cacheStatus: null };
    const entry: KVEntry<unknown> = {
      value: decode(key, wholeBuffer(row.bytes), type),
      metadata: row.metadata === null ? null : JSON.parse(row.metadata),
      cacheStatus: null,
    };
    if (row.expiration !== null) entry.expiration = row.expiration;
    return entry;
  }

  #write(pairs: readonly CheckedPair[]): void {
    this.#checkOpen();
    const { insertOne, insertMany } = this.#db;
    const now = this.#seconds();
    this.#db.transaction(() => {
      for (let at = 0; at < pairs.length;) {
        const inserts = at + insertMany.rows <= pairs.length ? insertMany : insertOne;
        this.#insert(pairs.slice(at, (at += inserts.rows)), inserts, now);
      }
    });
  }

  /** Inserts as many pairs as the statements have rows. */
  #insert(pairs: readonly CheckedPair[], { rows, blobs, keys }: Inserts, now: UnixSeconds): void {
    const last = blobs.run(...pairs.map(({ data }) => data)).lastInsertRowid;
    // SQLite counts the rows of a statement up, one by one.
    let blob = Number(last) - rows;
    const values: SQLInputValue[] = [];
    for (const { key, expiration, expirationTtl, metadata } of pairs) {
      const until = expirationTtl === undefined ? expiration : now + expirationTtl;
      values.push(this.#number, key, until ?? null, metadata ?? null, ++blob);
    }
    keys.run(...values);
  }

  #remove(keys: readonly string[]): void {
    this.#checkOpen();
    this.#db.transaction(() => {
      for (const key of keys) this.#db.statements.delete.run(this.#number, key);
    });
  }

  #seconds(): UnixSeconds {
    return Math.floor(this.#now() / 1000);
  }

  #checkOpen(): void {
    if (this.#db.closed) throw new KVError("KV_CLOSED", "The store was closed.");
  }
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

/** node:sqlite hands out each value in a buffer of its own. */
function wholeBuffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}
