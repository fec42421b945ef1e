import type { Target } from "../connect/connections.ts";

/** How the progress of long work is shown. */
export interface ProgressFlags {
  quiet?: true;
  json?: true;
}

/** How far work has come. */
export interface Done {
  readonly keys: number;
  /** The bytes of their values. */
  readonly bytes: number;
  /** Which share of it that is, 0 to 1; `undefined` if the total is unknown. */
  readonly share?: number | undefined;
}

/** What a display needs to know of long work. */
export interface LongWorkOptions {
  /** What is done: `export`. */
  readonly verb: string;
  readonly flags: ProgressFlags;
  /** The namespaces that are read or written. */
  readonly targets: readonly Target[];
  /** What a user does who stopped it, or whom it failed. */
  readonly hint: (() => string | undefined) | undefined;
  /** What the summary ends with: `to FILE`. */
  readonly done?: string | undefined;
  /** What was done in an earlier run. */
  readonly already?: Done;
}
