import type { Party } from "./abandoned.ts";
import type { BulkItem } from "./bulk.ts";
import { Caller } from "./caller.ts";
import { KVBulkError, KVError, KVRateLimitError, type KVErrorCode } from "./errors.ts";
import type { KVCallOptions, Milliseconds, UnixSeconds } from "./kv-namespace.ts";
import type { Requests } from "./request.ts";
import type { Found } from "./read-requests.ts";
import { quoteKey, type CheckedPutOptions } from "./validate.ts";
import type { StreamedValue, WholeValue } from "./value.ts";

/** Who waits for a write to be confirmed. */
export interface Writer {
  readonly party: Party;
  readonly end: Milliseconds;
  readonly settled: boolean;
  written(): void;
  failed(key: string, error: unknown): void;
}

/** A write of one key, from the call until it is settled. */
export interface Write {
  readonly key: string;
  /** What to write; `undefined` for a delete. */
  readonly put?: { readonly value: WholeValue | StreamedValue; readonly options: CheckedPutOptions; readonly expiration?: UnixSeconds };
  /** Whether it takes a request of its own. */
  readonly alone: boolean;
  /** Roughly what it adds to a body. */
  readonly bytes: number;
  /** When it was called, on the clock of `performance.now()`. */
  readonly at: Milliseconds;
  /** Its own caller, and those whose writes it replaced. */
  writers: Writer[];
  /** How often the API could not do it. */
  refusals: number;
  /** It as it stands in a body, once that was worked out. */
  item?: BulkItem;
}

/** Whether anybody still waits for it. */
export function isWanted({ writers }: Write): boolean {
  return writers.some(({ settled }) => !settled);
}

/** What a read finds of a write that is under way; `undefined` where only the API can tell: of a stream. */
export function foundIn({ put }: Write): Found | null | undefined {
  if (put === undefined) return null;
  if (!("data" in put.value)) return undefined;
  const { data } = put.value;
  return {
    // A copy: the bytes that are sent are nobody else's.
    value: typeof data === "string" ? data : (new Uint8Array(data).buffer),
    metadata: put.options.metadata === undefined ? null : JSON.parse(put.options.metadata),
    ...(put.expiration !== undefined && { expiration: put.expiration }),
  };
}

/** A failure of a request, as that of one key in it. */
export function errorFor({ key, put }: Write, error: unknown): unknown {
  if (!(error instanceof KVError) || error.key === key) return error;
  const message = `The ${put ? "put" : "delete"} of ${quoteKey(key)} failed. ${error.message}`;
  const details = { ...error, key, cause: error };
  return error instanceof KVRateLimitError
    ? new KVRateLimitError(message, error.retryAfter, details)
    : new KVError(error.code, message, details);
}

/** The caller of one write. */
export class OneWrite extends Caller<void> implements Writer {
  readonly party: Party = this;

  written(): void {
    this.resolve();
  }

  failed(_key: string, error: unknown): void {
    this.reject(error);
  }
}

/** What is not a matter of keys, and tells itself where nothing was written at all. */
const GENERAL: ReadonlySet<KVErrorCode> = new Set<KVErrorCode>(["KV_AUTH", "KV_NOT_FOUND", "KV_CONFIG", "KV_RATE_LIMIT"]);

/** The caller of many writes: settled when all of them are, with the keys that failed. */
export class ManyWrites extends Caller<void> {
  readonly #requests: Requests;
  readonly #options: KVCallOptions;
  readonly #failed: Set<string> = new Set();
  #cause: unknown;
  #written = 0;
  #left = 1;

  constructor(requests: Requests, options: KVCallOptions) {
    super(requests, options);
    this.#requests = requests;
    this.#options = options;
  }

  /** The writer of one of them, with a deadline of its own, since they are not all called at once. */
  writer(): Writer {
    this.#left++;
    const all = this;
    let settled = false;
    const settle = (count: () => void): void => {
      if (settled) return;
      settled = true;
      count();
      this.#one();
    };
    return {
      party: this,
      end: this.#requests.endOf(this.#options),
      get settled() {
        return settled || all.settled;
      },
      written: () => settle(() => this.#written++),
      failed: (key, error) =>
        settle(() => {
          this.#failed.add(key);
          this.#cause ??= error;
        }),
    };
  }

  /** No more will come. */
  complete(): Promise<void> {
    this.#one();
    return this.promise;
  }

  #one(): void {
    if (--this.#left > 0) return;
    if (this.#failed.size === 0) return this.resolve();
    const keys = [...this.#failed];
    const cause = this.#cause;
    if (this.#written === 0 && cause instanceof KVError && GENERAL.has(cause.code)) return this.reject(cause.cause ?? cause);
    const why = cause instanceof Error ? cause.message : String(cause);
    const others = this.#written > 0 ? " and all others are done" : "";
    this.reject(new KVBulkError(`${keys.length} keys failed${others}. The first failure: ${why}`, keys, { cause }));
  }
}
