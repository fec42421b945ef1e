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
  signal?: AbortSignal | undefined;
}

/** An answer whose body is still to be read, by exactly one of the three methods. */
export interface TransportResponse {
  readonly status: number;
  /** How many bytes of the body were read as text or bytes so far. */
  readonly received: number;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
  /** The body as UTF-8; a byte order mark is kept. */
  text(): Promise<string>;
  arrayBuffer(): Promise<ArrayBuffer>;
  /** The body as it comes; where it breaks off, the reader gets what `toError` makes of the cause. */
  stream(toError: (cause: unknown) => unknown): KVStream;
}

/** What carries requests: undici in Node, `fetch` elsewhere. */
export interface Transport {
  /** Rejects with a {@link TransportTimeout} when the peer is silent for too long. */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Ends idle connections. */
  close(): Promise<void>;
}

/** The peer was silent for longer than {@link TransportRequest.timeout}. */
export class TransportTimeout extends Error {
  override name = "TransportTimeout";
}
