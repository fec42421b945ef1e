import type { Party } from "./abandoned.ts";
import { detailsOf } from "./answer.ts";
import type { BulkItem } from "./bulk.ts";
import { Caller } from "./caller.ts";
import { KVError, KVRateLimitError } from "./errors.ts";
import type { Milliseconds, UnixSeconds } from "./kv-namespace.ts";
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

/** What a `put` writes. */
interface Put {
  readonly value: WholeValue | StreamedValue;
  readonly options: CheckedPutOptions;
  readonly expiration?: UnixSeconds;
}

/** A write of one key, from the call until it is settled. */
export interface Write {
  readonly key: string;
  /** What to write; `undefined` for a delete. */
  readonly put: Put | undefined;
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
  item: BulkItem | undefined;
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
    value: typeof data === "string" ? data : new Uint8Array(data).buffer,
    metadata: put.options.metadata === undefined ? null : JSON.parse(put.options.metadata),
    ...(put.expiration !== undefined && { expiration: put.expiration }),
  };
}

/** A failure of a request, as that of one key in it. */
export function errorFor({ key, put }: Write, error: unknown): unknown {
  if (!(error instanceof KVError) || error.key === key) return error;
  const message = `The ${put ? "put" : "delete"} of ${quoteKey(key)} failed. ${error.message}`;
  const details = { ...detailsOf(error), key, cause: error };
  return error instanceof KVRateLimitError
    ? new KVRateLimitError(message, error.retryAfter, details)
    : new KVError(error.code, message, details);
}

/** Somebody who watches a write, and for whom it need not happen. */
export function bystander(over: () => void): Writer {
  return {
    party: { settled: true, mayLeave: true, onLeave: () => {} },
    end: Number.POSITIVE_INFINITY,
    settled: true,
    written: over,
    failed: over,
  };
}

/** Everybody who waits for these. */
export function* partiesOf(writes: readonly Write[]): Generator<Party> {
  for (const { writers } of writes) for (const { party } of writers) yield party;
}

/** When the last of them stops waiting. */
export function lastEnd(writes: readonly Write[]): Milliseconds {
  let last = 0;
  for (const { writers } of writes) {
    for (const { end, settled } of writers) if (!settled) last = Math.max(last, end);
  }
  return last;
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
