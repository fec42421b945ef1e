/**
 * The transport: one request over undici or `fetch`, and its answer, byte for byte. It reports what an attempt cost and
 * why it failed in its own terms.
 * It may import the connection options and the seam; it knows nothing about KV.
 *
 * @module
 */
import type { KVStream, Milliseconds } from "../seam/kv-namespace.ts";

/**
 * A body: text, bytes, or pieces. Text and bytes are sent with their length, so an aborted upload of them never looks
 * complete.
 */
export type TransportBody = string | Uint8Array | PiecedBody;

/** A body that comes in pieces. */
export interface PiecedBody {
  /**
   * How many bytes they have in all; `undefined` if unknown. Then the body must mark its own end, as multipart does:
   * over HTTP/2 an aborted upload may end like a complete one, and undici makes it so.
   */
  readonly bytes: number | undefined;
  /** Yields the pieces, from the start for each attempt. Throws if the body ends early. */
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
  /** Called as a body above 128 KiB goes out, with the number of bytes sent so far. */
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
  /** Returns the body in its own buffer. */
  arrayBuffer(): ArrayBuffer;
}

/** An answer whose body is still to be read, in one of two ways. */
export interface TransportStream extends TransportHead {
  /**
   * Returns the body as it arrives. If it breaks off, the reader gets the result of `toError`. `watch` is notified of
   * what happens to it.
   */
  stream(toError: (cause: unknown) => unknown, watch?: StreamWatch): KVStream;
  whole(): Promise<TransportResponse>;
}

/** Told by a stream what becomes of it. */
export interface StreamWatch {
  /** Its reader asks for more. */
  onPull(): void;
  /** A requested chunk has arrived. */
  onChunk(): void;
  /** It was read to its end, broke off, or was cancelled. */
  onEnd(): void;
}

/** A request that is under way. */
export interface Sent {
  /** Rejects with a {@link TransportTimeout} when nothing moves for too long. */
  readonly answer: Promise<TransportResponse>;
  /** Ends the request if it is still running; the answer rejects with this reason. */
  abort(reason: unknown): void;
}

/** What carries requests: undici in Node, `fetch` elsewhere. It follows no redirect. */
export interface Transport {
  /** Sends a request, and reads the whole answer: the short way, which nearly all requests take. */
  send(request: TransportRequest): Sent;
  /**
   * Sends a request without a body, and resolves with its answer as a stream. The signal ends it, including the
   * reading.
   */
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
