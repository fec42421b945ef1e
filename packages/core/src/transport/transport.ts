import type { KVStream, Milliseconds } from "../kv-namespace.ts";

/** A body: text, bytes, or chunks that are made anew for each attempt. */
export type TransportBody = string | Uint8Array | (() => AsyncIterable<Uint8Array>);

/** One attempt at a request. */
export interface TransportRequest {
  method: "GET" | "PUT" | "POST" | "DELETE";
  /** Scheme, host and port. */
  origin: string;
  /** Path and query. */
  path: string;
  headers: Record<string, string>;
  body?: TransportBody | undefined;
  /** How long the peer may be silent: until its answer begins, and within it. */
  timeout: Milliseconds;
  /** Told the head of the answer as soon as it is there, whatever becomes of the body. */
  onHead: (head: TransportHead) => void;
}

/** The head of an answer. */
export interface TransportHead {
  readonly status: number;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
}

/** An answer with its whole body. */
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
  /** Rejects with a {@link TransportTimeout} when the peer is silent for too long. */
  readonly answer: Promise<TransportResponse>;
  /** Ends the request, unless it is over: the answer rejects with this reason. */
  abort(reason: unknown): void;
}

/** What carries requests: undici in Node, `fetch` elsewhere. */
export interface Transport {
  /** Sends a request, and reads the whole answer: the short way, which nearly all requests take. */
  send(request: TransportRequest): Sent;
  /** Sends a request whose answer is to be read as it comes. The signal ends it, the reading included. */
  open(request: TransportRequest, signal: AbortSignal): Promise<TransportStream>;
  /** Ends idle connections. */
  close(): Promise<void>;
}

/** The peer was silent for longer than {@link TransportRequest.timeout}. */
export class TransportTimeout extends Error {
  override name = "TransportTimeout";
}
