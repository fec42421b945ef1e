/**
 * The transport: one request over undici or `fetch`, and its answer, byte for byte. It reports what an attempt cost and
 * why it failed in its own terms.
 * It may import the connection options and the seam; it knows nothing about KV.
 *
 * @module
 */
import type { KVStream, Milliseconds } from "../seam/kv-namespace.ts";

/**
 * A body: text, bytes, or pieces. Text and bytes travel with their length, so an upload of them that is given up never
 * looks complete.
 */
export type TransportBody = string | Uint8Array | PiecedBody;

/** A body that comes in pieces. */
export interface PiecedBody {
  /**
   * How many bytes they are in all; `undefined` where nobody knows. Then the body must tell its own end, as multipart
   * does: over HTTP/2 an upload that is given up may end like one that is complete, and undici makes it so.
   */
  readonly bytes: number | undefined;
  /** The pieces, anew for each attempt. It throws where the body ends before its end. */
  pieces(): AsyncIterable<Uint8Array>;
}

/** One attempt at a request. */
export interface TransportRequest {
  method: "GET" | "PUT" | "POST" | "DELETE";
  /** Scheme, host and port. */
  origin: string;
  /** Path and query. */
  path: string;
  headers: Record<string, string>;
  body?: TransportBody | undefined;
  /** Told how many bytes of a body above 128 KiB are out of the way, as they go. */
  onSent?: ((bytes: number) => void) | undefined;
  /** How long nothing may move, in either direction, until the answer is complete. */
  timeout: Milliseconds;
  /** How many bytes the body of the answer may hold; beyond them the attempt fails with an {@link AnswerTooLarge}. */
  maxAnswerBytes: number;
  /** Told the head of the answer as soon as it is there, whatever becomes of the body. */
  onHead: (head: TransportHead) => void;
}

/** The head of an answer. */
export interface TransportHead {
  readonly status: number;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
}

/** An answer with its whole body, as it was before any encoding of the way. */
export interface TransportResponse extends TransportHead {
  /** The length of the body in bytes. */
  readonly received: number;
  /** The body as UTF-8; a byte order mark is kept. */
  text(): string;
  /** The body in a buffer of its own. */
  arrayBuffer(): ArrayBuffer;
}

/** An answer whose body is still to be read, in one of two ways. */
export interface TransportStream extends TransportHead {
  /**
   * The body as it comes; where it breaks off, the reader gets what `toError` makes of the cause. Who watches it is told
   * what becomes of it.
   */
  stream(toError: (cause: unknown) => unknown, watch?: StreamWatch): KVStream;
  whole(): Promise<TransportResponse>;
}

/** Told by a stream what becomes of it. */
export interface StreamWatch {
  /** Its reader asks for more. */
  onPull(): void;
  /** What was asked for is there. */
  onChunk(): void;
  /** It was read to its end, broke off, or was cancelled. */
  onEnd(): void;
}

/** A request that is under way. */
export interface Sent {
  /** Rejects with a {@link TransportTimeout} when nothing moves for too long. */
  readonly answer: Promise<TransportResponse>;
  /** Ends the request, unless it is over: the answer rejects with this reason. */
  abort(reason: unknown): void;
}

/** What carries requests: undici in Node, `fetch` elsewhere. It follows no redirect. */
export interface Transport {
  /** Sends a request, and reads the whole answer: the short way, which nearly all requests take. */
  send(request: TransportRequest): Sent;
  /** Sends a request without a body, whose answer is to be read as it comes. The signal ends it, the reading included. */
  open(request: TransportRequest, signal: AbortSignal): Promise<TransportStream>;
  /** Ends idle connections. */
  close(): Promise<void>;
}

/** Nothing moved for longer than {@link TransportRequest.timeout}. */
export class TransportTimeout extends Error {
  override name = "TransportTimeout";
}

/** An answer that cannot be the API's, and will be the same the next time. */
export class BadAnswer extends Error {
  override name = "BadAnswer";
}

/** The body of an answer is longer than {@link TransportRequest.maxAnswerBytes}. */
export class AnswerTooLarge extends BadAnswer {
  override name = "AnswerTooLarge";

  constructor(limit: number) {
    super(`The answer is longer than ${limit} bytes, the most that this request may return.`);
  }
}
