/**
 * What the page asks of the process behind it, beside the REST API of its origin. All of it is JSON below
 * {@link PROCESS_PATH}:
 *
 * - `GET about`: {@link About};
 * - `GET live`: server-sent events: `figures` ({@link Figures}), `request` ({@link LoggedRequest}), `job` ({@link JobState});
 * - `GET faults`, `PUT faults`: {@link FaultSettings};
 * - `POST jobs` with a {@link JobRequest}: `{ id }`; `POST jobs/ID/pause`, `/resume`, `/stop`; `/continue` where one stopped,
 *   `/forget` for what is over, with its files;
 * - `GET jobs/ID/differences`: what a comparison found, as {@link DiffLine}s;
 * - `GET exports/ID?title=`: the file of an export that is done; `POST export` with keys: their records, one a line;
 * - `POST import?namespace=&file=` with a file: its job is over when it is answered.
 *
 * @module
 */

/** Where the process answers the page. */
export const PROCESS_PATH = "/-/";

/** The header by which the page says that a request is its own, so that the log can leave it out. */
export const PAGE_HEADER = "kvplug-page";

/** What the page shows, and what it may do. */
export interface About {
  /** Data on this machine, or those of an account elsewhere, which is marked in a colour that cannot be missed. */
  readonly place: "local" | "remote";
  /** What is shown, in words: a file, a profile, an address. */
  readonly label: string;
  /** The account of the REST API's paths. */
  readonly account: string;
  /** The address of the API behind the page, for commands that are copied; `undefined` for what `wrangler dev` keeps. */
  readonly apiURL?: string | undefined;
  readonly readOnly: boolean;
  /** Another one for each run of the process: what the page remembers belongs to one. */
  readonly run: string;
  /** Whether the faults of the server can be switched. */
  readonly faults: boolean;
}

/** What is left of a request budget. */
export interface Budget {
  readonly requests: number;
  readonly left: number;
  /** In milliseconds. */
  readonly opensIn: number;
  /** In milliseconds. */
  readonly window: number;
}

/** What the process counts. */
export interface Figures {
  /** Requests so far. */
  readonly requests: number;
  /** Counts by name, such as a route. */
  readonly counts: Readonly<Record<string, number>>;
  readonly budget?: Budget | undefined;
  /** The share of reads that the cache of a proxy answered, 0 to 1; `undefined` where there is none. */
  readonly hitRate?: number | undefined;
}

/** A request that was answered. */
export interface LoggedRequest {
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  /** The path behind `/namespaces`, or all of another one; what it percent-encodes stays so. */
  readonly path: string;
  /** `0` where the connection was dropped. */
  readonly status: number;
  readonly milliseconds: number;
  /** Whether the page itself asked. */
  readonly isPage: boolean;
}

/** The faults of a local server, as its option `FaultInjection` has them. */
export interface FaultSettings {
  /** In milliseconds. */
  latency?: number | readonly [number, number] | undefined;
  rateLimit?: { requests: number; window: number } | undefined;
  writeLimit?: boolean | undefined;
  faults?: { errors?: number; drops?: number; html?: number; unsuccessfulKeys?: number } | undefined;
  consistency?: { propagation: number } | undefined;
}

/** Work on many keys, which the process does with the code of the command. */
export type JobRequest =
  | {
      readonly kind: "copy";
      readonly from: string;
      readonly to: string;
      readonly prefix?: string;
    }
  | { readonly kind: "export"; readonly namespace: string; readonly prefix?: string }
  | { readonly kind: "delete"; readonly namespace: string; readonly keys: readonly string[] }
  | { readonly kind: "delete-prefix"; readonly namespace: string; readonly prefix: string }
  | {
      readonly kind: "expire";
      readonly namespace: string;
      readonly keys: readonly string[];
      /** Unix seconds; `null` for never. */
      readonly expiration: number | null;
    }
  | { readonly kind: "diff"; readonly first: string; readonly second: string; readonly prefix?: string };

/** How work on many keys does. */
export interface JobState {
  readonly id: string;
  /** What it does, in a word: `copy`, `delete`, `expire`, `compare`, `export` or `import`. */
  readonly verb: string;
  readonly state: "running" | "paused" | "done" | "failed" | "stopped";
  readonly keys: number;
  readonly bytes: number;
  /** Which share of it that is, 0 to 1, where that is known. */
  readonly share?: number | undefined;
  readonly keysPerSecond?: number | undefined;
  readonly secondsLeft?: number | undefined;
  /** What it said last, such as why it failed. */
  readonly message?: string | undefined;
  /** The ids of the namespaces that it reads or writes, where an earlier run may have begun it. */
  readonly namespaces?: readonly string[] | undefined;
  /** What the user calls the file that is imported. */
  readonly file?: string | undefined;
  /** Whether it can go on where it stops, by this process or a later one. */
  readonly lasts?: boolean | undefined;
}

/** How many differences of a comparison are kept for the page. */
export const MOST_DIFFERENCES = 100_000;

/** A key that differs between two namespaces. */
export interface DiffLine {
  readonly key: string;
  /** Where it is, if it is in one of them alone. */
  readonly only?: "first" | "second";
  /** What differs, if it is in both. */
  readonly differs?: readonly ("value" | "metadata" | "expiration")[];
}
