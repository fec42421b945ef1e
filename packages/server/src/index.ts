/**
 * The KV REST API on this machine, on SQLite; and {@link openKV}, a namespace of it without HTTP.
 *
 * @module
 */
export type { KVPair, NamespaceInfo, Namespaces, StoreNamespace } from "./backend.ts";
export { openKV } from "./open-kv.ts";
export type { EmbeddedKV, OpenKVOptions } from "./open-kv.ts";
export type { NamespaceOption, ServerOptions } from "./options.ts";
export type { RequestCounts } from "./request-counts.ts";
export { createRoutes } from "./routes/app.ts";
export type { RoutesOptions } from "./routes/app.ts";
export { StorageError } from "./routes/storage-error.ts";
export type { StorageTrouble } from "./routes/storage-error.ts";
export { startServer } from "./start-server.ts";
export type { RunningServer } from "./start-server.ts";
export type { Faults, RateLimit, FaultInjection, WriteLimit } from "./faults/options.ts";
