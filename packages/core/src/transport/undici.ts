import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { ConnectionOptions } from "../contract/options.ts";
import { openConnections, type Connection, type Connected } from "./connections.ts";
import { decoderOf } from "./content-encoding.ts";
import { inPieces, piecesOf } from "./pieces.ts";
import { Silence } from "./silence.ts";
import type { Sent, Transport, TransportRequest, TransportResponse } from "./transport.ts";
import { Decoding, StreamedAnswer, WholeAnswer, type Headers } from "./undici-answer.ts";
import { asTimeout } from "./undici-errors.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** The transport of Node: connections of undici's, or the caller's dispatcher. */
export function createTransport(options: ConnectionOptions): Transport {
  let own: Dispatcher | undefined;
  let ownForStreams: Dispatcher | undefined;
  // At the first request, when the environment is read for all else too.
  const through = (origin: string): Dispatcher => options.dispatcher ?? (own ??= openConnections(options, origin));
  // Separate connections, so that an unfinished stream does not block reads of values.
  const throughForStreams = (origin: string): Dispatcher =>
    options.dispatcher ?? (ownForStreams ??= openConnections(options, origin));
  return {
    send(request) {
      const exchange = new Exchange(request);
      through(request.origin).dispatch(exchange.dispatched(), exchange);
      return exchange;
    },
    open(request, signal) {
      const opened = throughForStreams(request.origin)
        .request({ ...toDispatch(request, null), signal })
        .then(
          (answer) => {
            const stream = new StreamedAnswer(answer, request);
            request.onHead(stream);
            return stream;
          },
          (error: unknown) => {
            throw asTimeout(error, request.timeout);
          },
        );
      // undici heeds it only once it has begun with the request.
      return unlessAborted(opened, signal);
    },
    close: async () => {
      // All of it is settled by now: nothing is waited for, such as a stream that nobody reads.
      await Promise.all([own?.destroy(), ownForStreams?.destroy()]);
    },
  };
}

type Dispatched = Dispatcher.DispatchOptions & { maxRedirections: 0 };

function toDispatch(
  { method, origin, path, headers, timeout }: TransportRequest,
  body: Dispatched["body"],
): Dispatched {
  return {
    method,
    origin,
    path,
    headers,
    body: body ?? null,
    headersTimeout: timeout,
    bodyTimeout: timeout,
    // A dispatcher of the caller's may follow them, and would take the credentials along.
    maxRedirections: 0,
  };
}

/** A request and its answer. It is undici's handler itself: its `request()` would wrap a stream around every body. */
class Exchange implements Sent, Connected, Dispatcher.DispatchHandler {
  connection: Connection | undefined;
  readonly answer: Promise<TransportResponse>;
  #resolve!: (response: TransportResponse) => void;
  #reject!: (reason: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  /** Why it ended before it was answered. */
  #ended: { readonly reason: unknown } | undefined;
  readonly #request: TransportRequest;
  #response: WholeAnswer | undefined;
  #decoding: Decoding | undefined;
  /** Of a body in pieces; undici watches others. */
  #silence: Silence | undefined;

  constructor(request: TransportRequest) {
    this.#request = request;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** What undici is asked to send. */
  dispatched(): Dispatched {
    const { body, headers, timeout, onSent } = this.#request;
    const pieced = inPieces(body);
    if (pieced === undefined) return toDispatch(this.#request, body as string | Uint8Array | undefined);
    const silence = (this.#silence = new Silence(timeout, (error) => this.abort(error)));
    const pieces = piecesOf(pieced, (bytes) => {
      if (this.#ended) throw this.#ended.reason;
      silence.break();
      onSent?.(bytes);
    });
    return {
      // undici takes async iterables; its type does not say so.
      ...toDispatch(this.#request, pieces as unknown as Readable),
      ...(pieced.bytes !== undefined && { headers: { ...headers, "content-length": String(pieced.bytes) } }),
      // It would count from the beginning of the body on.
      headersTimeout: 0,
    };
  }

  abort(reason: unknown): void {
    this.#fail(reason);
    this.#controller?.abort(reason as Error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#ended) controller.abort(this.#ended.reason as Error);
    else this.#silence?.listen();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    // More than one where the first only say that the answer is to come.
    this.#response = new WholeAnswer(status, headers, this.#request.maxAnswerBytes);
    if (status < 200) {
      this.#silence?.break();
      return;
    }
    this.#silence?.over();
    this.#request.onHead(this.#response);
    const decoder = decoderOf(this.#response);
    if (decoder === undefined) return;
    const { maxAnswerBytes } = this.#request;
    this.#decoding = new Decoding(decoder, this.#response, maxAnswerBytes, (error) => this.abort(error));
  }

  // undici ends the request where this throws.
  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    (this.#decoding ?? this.#response!).add(chunk);
  }

  onResponseEnd(): void {
    const response = this.#response!;
    this.connection?.freeSoon();
    if (this.#decoding === undefined) this.#resolve(response);
    else this.#decoding.end().then(() => this.#resolve(response), this.#reject);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(asTimeout(error, this.#request.timeout));
  }

  #fail(reason: unknown): void {
    this.#silence?.over();
    this.#ended ??= { reason };
    this.#reject(reason);
  }
}
