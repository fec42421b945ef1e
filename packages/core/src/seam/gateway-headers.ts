/**
 * What a gateway (a Worker with the REST API, `@kvplug/gateway`) or a proxy (`@kvplug/proxy`) and the driver tell each
 * other beyond Cloudflare's API.
 *
 * @module
 */
import { headerParameter } from "./header-parameter.ts";
import type { Milliseconds } from "./kv-namespace.ts";

/** The header of a gateway's answers with its limits; see {@link GatewayLimits}. */
export const LIMITS_HEADER = "kvplug-limits";

/** The header of a read with its `cacheTtl`, in seconds, for a gateway. */
export const CACHE_TTL_HEADER = "kvplug-cache-ttl";

/** What a gateway or a proxy allows. The driver keeps no request budget for either. */
export interface GatewayLimits {
  /** How many keys it prefers in a bulk write or delete. */
  readonly bulkKeys: number;
  /** The most bytes of JSON in a request. */
  readonly bulkBytes: number;
  /** The required pause between writes of one key; 0 if the gateway paces them itself. */
  readonly writeInterval: Milliseconds;
}

/** Formats the limits as a header. */
export function formatLimits({ bulkKeys, bulkBytes, writeInterval }: GatewayLimits): string {
  return `"gateway";bulk-keys=${bulkKeys};bulk-bytes=${bulkBytes};write-interval-ms=${writeInterval}`;
}

/** Parses a limits header; returns `undefined` if it is missing or incomplete. */
export function parseLimits(header: string | undefined): GatewayLimits | undefined {
  const bulkKeys = headerParameter(header, "bulk-keys");
  const bulkBytes = headerParameter(header, "bulk-bytes");
  const writeInterval = headerParameter(header, "write-interval-ms");
  if (!bulkKeys || !bulkBytes || writeInterval === undefined) return undefined;
  return { bulkKeys, bulkBytes, writeInterval };
}
