/**
 * What a gateway (a Worker that speaks the REST API, `@kvplug/gateway`), or a proxy (`@kvplug/proxy`), and the driver tell
 * each other beyond Cloudflare's API.
 *
 * @module
 */
import { headerParameter } from "./header-parameter.ts";
import type { Milliseconds } from "./kv-namespace.ts";

/** The header in which each answer of a gateway tells its limits; see {@link GatewayLimits}. */
export const LIMITS_HEADER = "kvplug-limits";

/** The header in which a read tells a gateway its `cacheTtl`, in seconds. */
export const CACHE_TTL_HEADER = "kvplug-cache-ttl";

/** What a gateway allows. It has no budget of requests, or minds that itself. */
export interface GatewayLimits {
  /** How many keys it likes to write or delete for one request. */
  readonly bulkKeys: number;
  /** The most bytes of JSON that a request may hold. */
  readonly bulkBytes: number;
  /** How far apart the writes of a key have to be; 0 where the gateway minds that itself. */
  readonly writeInterval: Milliseconds;
}

/** The limits as their header's text. */
export function formatLimits({ bulkKeys, bulkBytes, writeInterval }: GatewayLimits): string {
  return `"gateway";bulk-keys=${bulkKeys};bulk-bytes=${bulkBytes};write-interval-ms=${writeInterval}`;
}

/** The limits that a header tells; `undefined` where it is none, or lacks one of them. */
export function parseLimits(header: string | undefined): GatewayLimits | undefined {
  const bulkKeys = headerParameter(header, "bulk-keys");
  const bulkBytes = headerParameter(header, "bulk-bytes");
  const writeInterval = headerParameter(header, "write-interval-ms");
  if (!bulkKeys || !bulkBytes || writeInterval === undefined) return undefined;
  return { bulkKeys, bulkBytes, writeInterval };
}
