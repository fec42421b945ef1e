import { KVError, checkOptionNames } from "@kvplug/core/seam";
import type { KVNamespace, KVStream, Milliseconds } from "@kvplug/core/seam";
import type { KVPair } from "./backend.ts";
import { checkClock, checkDataPath, checkTitle } from "./option-checks.ts";
import { LOCK_PATIENCE } from "./store/lock-queue.ts";
import { SqliteStore } from "./store/sqlite-store.ts";

/** Options of {@link openKV}. */
export interface OpenKVOptions {
  /** The SQLite file; it and its folder are created if missing. Default: in memory. */
  data?: string | undefined;
  /** The namespace, by title or id; created if missing. Default: `"default"`. */
  namespace?: string | undefined;
  /** The clock for expiry. Default: `Date.now`. */
  now?: (() => Milliseconds) | undefined;
}

/** A namespace within this process. */
export interface EmbeddedKV extends KVNamespace<KVStream>, AsyncDisposable {
  /** Writes all pairs in one transaction; if one is invalid, none. Resolves with `[]`. */
  putMany(pairs: readonly KVPair[]): Promise<string[]>;
  /** Deletes all keys in one transaction. Resolves with `[]`. */
  deleteMany(keys: readonly string[]): Promise<string[]>;
  /** Closes the file. Later calls reject with `KV_CLOSED`. */
  close(): Promise<void>;
}

/**
 * Opens a KV namespace within this process, in a SQLite file or in memory. It has the interface of a Worker's binding
 * and KV's limits, without a network. Several processes may open the same file, including a local server. While one of
 * them holds its lock, this waits up to 5 s and blocks the process.
 *
 * @throws {KVError} `KV_INVALID` for an invalid option or a file that cannot be opened; `KV_STORAGE` for a file that
 *   cannot be opened now, for example because it stays locked.
 * @example
 * await using kv = openKV({ data: "./app.db", namespace: "sessions" });
 * await kv.put("user:1", JSON.stringify({ name: "Ada" }), { expirationTtl: 3600 });
 */
export function openKV(options: OpenKVOptions = {}): EmbeddedKV {
  checkOptionNames("openKV", options, ["data", "namespace", "now"]);
  const { data, namespace = "default", now } = options;
  checkDataPath(data);
  checkTitle("namespace", namespace);
  checkClock(now);

  const store = new SqliteStore({ data, now, patience: LOCK_PATIENCE });
  const found = store.find(namespace) ?? store.get(namespace) ?? store.createNow(namespace) ?? store.find(namespace);
  const kv = found && store.open(found.id);
  if (kv === undefined)
    throw new KVError("KV_INVALID", `The namespace ${JSON.stringify(namespace)} could not be created.`);
  const close = async (): Promise<void> => store.close();
  return Object.assign(kv, { close, [Symbol.asyncDispose]: close });
}
