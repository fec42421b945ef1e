/**
 * The REST driver for Workers KV.
 *
 * The path of a call: {@link createKV} → `namespace/` checks it → `reads/`, `writes/` or a listing turns it into
 * requests → `requests/` sends each, with retries → `transport/`.
 *
 * @module
 */
// First of all: what follows does not load on an older Node.
import { isNewEnough } from "#oldest-node";

export type { KVBudget } from "./budget/budget.ts";
export { createClient, createKV, type KVClient } from "./client.ts";
export type { KV, KVEntriesOptions, KVListEntry, KVPair, KVPrefixOptions } from "./contract/kv.ts";
export type { KVSharedBudget } from "./contract/shared-budget.ts";
export type { KVNamespaceInfo, KVNamespaceListOptions, KVNamespacePage, KVNamespaces } from "./namespace/namespaces.ts";
export type {
  KVBatchOptions,
  KVClientOptions,
  KVOptions,
  KVRateLimitOptions,
  KVRetryOptions,
} from "./contract/options.ts";
export { checkAdapterOptions, openNamespace, type AdapterOptionNames, type OpenNamespace } from "./open-namespace.ts";
export type { KVStats } from "./contract/stats.ts";
export { TRACING_CHANNEL, type KVRequestEvent } from "./requests/tracing.ts";
export * from "./seam/errors.ts";
export type * from "./seam/kv-namespace.ts";
export * from "./seam/limits.ts";

// By a name, which declarations leave out: they need nothing of it.
void isNewEnough;
