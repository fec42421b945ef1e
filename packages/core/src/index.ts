/**
 * The REST driver of Workers KV.
 *
 * The way of a call: {@link createKV} → `namespace.ts` checks it → `reads.ts`, `writes.ts` or
 * `listing.ts` makes requests of it → `request.ts` sends each, again where that helps → `transport/`.
 *
 * @module
 */
// First of all: what follows does not load on an older Node.
import "#oldest-node";
export type { KVBudget } from "./budget.ts";
export { createClient, createKV, type KVClient, type KVOptions } from "./client.ts";
export type { KV, KVEntriesOptions, KVListEntry, KVPair, KVPrefixOptions } from "./kv.ts";
export type { KVNamespaceInfo, KVNamespaceListOptions, KVNamespacePage, KVNamespaces } from "./namespaces.ts";
export type { KVBatchOptions, KVClientOptions, KVRateLimitOptions, KVRetryOptions } from "./options.ts";
export { checkAdapterOptions, openNamespace, type AdapterOptionNames, type OpenNamespace } from "./open-namespace.ts";
export type { KVStats } from "./stats.ts";
export { TRACING_CHANNEL, type KVRequestEvent } from "./tracing.ts";
export * from "./errors.ts";
export type * from "./kv-namespace.ts";
export * from "./limits.ts";
