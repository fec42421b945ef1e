import type { Readable } from "node:stream";
import { Agent, errors, type Dispatcher } from "undici";
import type { ConnectionOptions } from "../options.ts";
import type { KVStream } from "../kv-namespace.ts";
import { pulledStream } from "./pulled-stream.ts";
import {
  TransportTimeout,
  type StreamWatch,
  type Sent,
  type Transport,
  type TransportRequest,
  type TransportResponse,
  type TransportStream,
} from "./transport.ts";
import { unlessAborted } from "./unless-aborted.ts";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The transport of Node: a keep-alive pool of undici, or the caller's dispatcher. */
export function createTransport({ connections, allowH2, dispatcher }: ConnectionOptions): Transport {
  const own = dispatcher === undefined;
  const through: Dispatcher = dispatcher ?? new Agent({ connections, allowH2 });
  return {
    send(request) {
      const exchange = new Exchange(request);
      through.dispatch(toDispatch(request), exchange);
      return exchange;
    },
    open(request, signal) {
      const opened = through.request({ ...toDispatch(request), signal }).then((answer) => {
        const stream = new UndiciStream(answer);
        request.onHead(stream);
        return stream;
      }, rethrow);
      // undici heeds it only once it has begun with the request.
      return unlessAborted(opened, signal);
    },
    close: async () => {
      // All of it is settled by now: nothing is waited for, such as a stream that nobody reads.
      if (own) await through.destroy();
    },
  };
}

function toDispatch({ method, origin, path, headers, body, timeout }: TransportRequest): Dispatcher.DispatchOptions {
  return {
    method,
    origin,
    path,
    headers,
    // undici takes async iterables; its type does not say so.
    body: typeof body === "function" ? (body() as unknown as Readable) : (body ?? null),
    headersTimeout: timeout,
    bodyTimeout: timeout,
  };
}

/** A request and its answer. It is undici's handler itself: its `request()` would wrap a stream around every body. */
class Exchange implements Sent, Dispatcher.DispatchHandler {
  readonly answer: Promise<TransportResponse>;
  #resolve!: (response: TransportResponse) => void;
  #reject!: (reason: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  /** Why it was ended before undici began with it. */
  #aborted: { readonly reason: unknown } | undefined;
  readonly #request: TransportRequest;
  #response: UndiciResponse | undefined;

  constructor(request: TransportRequest) {
    this.#request = request;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  abort(reason: unknown): void {
    this.#reject(reason);
    if (this.#controller) this.#controller.abort(reason as Error);
    else this.#aborted = { reason };
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#aborted) controller.abort(this.#aborted.reason as Error);
    else this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    // More than one where the first only say that the answer is to come.
    this.#response = new UndiciResponse(status, headers);
    if (status >= 200) this.#request.onHead(this.#response);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#response!.chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#resolve(this.#response!);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(asTimeout(error));
  }
}

class UndiciResponse implements TransportResponse {
  readonly status: number;
  readonly chunks: Uint8Array[] = [];
  readonly #headers: Headers;

  constructor(status: number, headers: Headers) {
    this.status = status;
    this.#headers = headers;
  }

  get received(): number {
    return this.chunks.reduce((bytes, chunk) => bytes + chunk.byteLength, 0);
  }

  header(name: string): string | undefined {
    return first(this.#headers[name]);
  }

  text(): string {
    const [chunk] = this.chunks;
    // What an interceptor hands on need not be a Buffer.
    return (this.chunks.length === 1 && Buffer.isBuffer(chunk) ? chunk : Buffer.concat(this.chunks)).toString();
  }

  arrayBuffer(): ArrayBuffer {
    const bytes = new Uint8Array(this.received);
    let at = 0;
    for (const chunk of this.chunks) {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    return bytes.buffer;
  }
}

class UndiciStream implements TransportStream {
  readonly #response: Dispatcher.ResponseData;
  readonly status: number;

  constructor(response: Dispatcher.ResponseData) {
    this.#response = response;
    this.status = response.statusCode;
  }

  header(name: string): string | undefined {
    return first(this.#response.headers[name]);
  }

  async whole(): Promise<TransportResponse> {
    const { body, headers } = this.#response;
    const response = new UndiciResponse(this.status, headers);
    response.chunks.push(await body.bytes().catch(rethrow));
    return response;
  }

  // `ReadableStream.from` would leave the request running where nothing was read before the cancellation.
  stream(toError: (cause: unknown) => unknown, watch?: StreamWatch): KVStream {
    const { body } = this.#response;
    const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    const next = (): Promise<IteratorResult<Uint8Array>> =>
      chunks.next().catch((error: unknown) => {
        throw toError(asTimeout(error));
      });
    return pulledStream(next, () => void body.once("error", () => {}).destroy(), watch);
  }
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
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
