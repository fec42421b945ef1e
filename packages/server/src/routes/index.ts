/**
 * The KV part of Cloudflare's REST API over any {@link Namespaces}, for Node, Workers and other runtimes with web APIs.
 *
 * @module
 */
export type { KVPair, NamespaceInfo, Namespaces, StoreNamespace } from "../backend.ts";
export { answerError, failure } from "./envelope.ts";
export { createRoutes } from "./app.ts";
export type { RoutesOptions } from "./app.ts";
export { authenticationError, equalBytes, tokenOf } from "./credentials.ts";
export { CACHE_TTL_RANGE, cacheTtlOf, isCacheTtl } from "./cache-ttl.ts";
export { ApiError, CODE } from "./errors.ts";
export type { Place, PlaceVariables } from "./place.ts";
export type { ErrorStatus } from "./errors.ts";
export { MAX_BULK_GET_BYTES, bulkGetTooLarge } from "./bulk-get-size.ts";
export { KEPT_TO_ORIGIN, isForeignPage, refuseForeignPages } from "./foreign-pages.ts";
export type { ForeignPageOptions, ReadHeader } from "./foreign-pages.ts";
export { foreignName, isLoopback } from "./loopback.ts";
export { MAX_MULTIPART_OVERHEAD_BYTES } from "./multipart.ts";
