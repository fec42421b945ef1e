import type { Readable } from "node:stream";
import { Agent, errors, type Dispatcher } from "undici";
import type { ConnectionOptions } from "../options.ts";
import type { KVStream } from "../kv-namespace.ts";
import { pulledStream } from "./pulled-stream.ts";
import { TransportTimeout, type Transport, type TransportRequest, type TransportResponse } from "./transport.ts";

/** The transport of Node: a keep-alive pool of undici, or the caller's dispatcher. */
export function createTransport({ connections, allowH2, dispatcher }: ConnectionOptions): Transport {
  const own = dispatcher === undefined;
  const through: Dispatcher = dispatcher ?? new Agent({ connections, allowH2 });
  return {
    send({ method, origin, path, headers, body, timeout, signal }: TransportRequest): Promise<TransportResponse> {
      const response = through.request({
        method,
        origin,
        path,
        headers,
        // undici takes async iterables; its type does not say so.
        body: typeof body === "function" ? (body() as unknown as Readable) : (body ?? null),
        headersTimeout: timeout,
        bodyTimeout: timeout,
        signal: signal ?? null,
      });
      return response.then((answer) => new UndiciResponse(answer), rethrow);
    },
    close: async () => {
      if (own) await through.close();
    },
  };
}

class UndiciResponse implements TransportResponse {
  readonly #response: Dispatcher.ResponseData;
  readonly status: number;
  received = 0;

  constructor(response: Dispatcher.ResponseData) {
    this.#response = response;
    this.status = response.statusCode;
  }

  header(name: string): string | undefined {
    const value = this.#response.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  // undici's own `text()` drops a byte order mark, which belongs to the value.
  text(): Promise<string> {
    return this.#read((bytes) => Buffer.from(bytes).toString("utf8"));
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#read((bytes) => bytes);
  }

  #read<Result>(convert: (bytes: ArrayBuffer) => Result): Promise<Result> {
    return this.#response.body.arrayBuffer().then((bytes) => {
      this.received = bytes.byteLength;
      return convert(bytes);
    }, rethrow);
  }

  // `ReadableStream.from` would leave the request running where nothing was read before the cancellation.
  stream(toError: (cause: unknown) => unknown): KVStream {
    const { body } = this.#response;
    const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    const next = (): Promise<IteratorResult<Uint8Array>> =>
      chunks.next().catch((error: unknown) => {
        throw toError(asTimeout(error));
      });
    return pulledStream(next, () => void body.once("error", () => {}).destroy());
  }
}

function rethrow(error: unknown): never {
  throw asTimeout(error);
}

function asTimeout(error: unknown): unknown {
  const timedOut =
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError;
  return timedOut ? new TransportTimeout(error.message, { cause: error }) : error;
}
