import type { Asked } from "./answer.ts";
import type { KVStream, Seconds } from "../seam/kv-namespace.ts";
import type { TransportBody, TransportHead, TransportRequest, TransportResponse } from "../transport/transport.ts";

/** What to send. */
export interface Call<Result> {
  method: TransportRequest["method"];
  /** What follows the path of the account's namespaces, encoded. */
  path: string;
  query?: string | undefined;
  /** Called when an attempt begins. */
  onStart?: (() => void) | undefined;
  /** The body; a `composed` text is created for each attempt, at the last moment. */
  body?: TransportBody | { readonly composed: () => string } | undefined;
  /** Called as a body above 128 KiB goes out, with the number of bytes sent so far. */
  onSent?: ((bytes: number) => void) | undefined;
  contentType?: string | undefined;
  /** How long the answer may be. Default: {@link MAX_ANSWER_BYTES}. */
  maxAnswerBytes?: number | undefined;
  /** How long a gateway's edge may cache the read; only gateways receive it. */
  cacheTtl?: Seconds | undefined;
  /** The key that an error is about. */
  key?: string | undefined;
  /** How many keys it is about. Default: 1. */
  keys?: number | undefined;
  /**
   * Whether a pending attempt may be ended when no caller waits for it. A write must not be, if it could still take
   * effect after the next one of its key. Default: it may.
   */
  mayEnd?: (() => boolean) | undefined;
  /** Called after an attempt that failed, before anything else becomes of it. */
  onFailure?: ((error: unknown) => void) | undefined;
  /**
   * When it may be sent again: after any failure that another attempt may heal (the default), only
   * when the API refused it with a 429, or never.
   */
  repeat?: "failed" | "refused" | "never" | undefined;
  /** The result if the API says that the key does not exist; without it, that is an error. */
  missing?: Result;
  /** The result if the API says that this key is written too fast; without it, all requests wait. */
  tooFast?: Result;
}

/** How to read a success. What it throws counts as a failure on the way. */
export interface Reading<Result> {
  read(response: TransportResponse, asked: Asked): Result;
}

/** How to return a success before its body has arrived. */
export interface Opening<Result> {
  /** Ends the reading as well. */
  signal: AbortSignal | undefined;
  open(answer: TransportHead, stream: KVStream, asked: Asked): Result;
}

/** A call of the API. */
export type ApiCall<Result> = Call<Result> & (Reading<Result> | Opening<Result>);
