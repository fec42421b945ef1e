import type { Conditions } from "./conditions.ts";
import type { GrowthAnswer } from "./growth-process.ts";

/** All that a run found. Times are in milliseconds, sizes in bytes. */
export interface Growth {
  readonly conditions: Conditions;
  readonly driver: readonly (GrowthAnswer & { readonly keys: number; readonly requests: number })[];
  readonly cache: readonly (GrowthAnswer & { readonly keys: number })[];
  readonly server: readonly ServerLatency[];
}

/** Medians of what is asked of a server with so many keys in a namespace. */
export interface ServerLatency {
  readonly keys: number;
  readonly get: number;
  readonly bulkGet: number;
  readonly list: number;
  /** Not measured where there are fewer keys than it writes. */
  readonly bulkPut: number | undefined;
}
