import { Dispatcher, errors } from "undici";
import type { Exchange, Peer } from "./exchange.ts";
import type { FakeApi } from "./fake-api.ts";
import { routeOf, type WireRequest } from "./requests.ts";
import { after, type Timer } from "./timers.ts";

type Chunks = AsyncIterable<Uint8Array>;

/** The keys that a request writes or reads. */
function keysOf(request: WireRequest, body: unknown): string[] {
  const { route, key } = routeOf(request);
  if (key !== undefined) return [key];
  if (typeof body !== "string") return [];
  if (route === "PUT bulk") return (JSON.parse(body) as { key: string }[]).map((pair) => pair.key);
  if (route === "POST bulk/get") return (JSON.parse(body) as { keys: string[] }).keys;
  return route === "POST bulk/delete" ? (JSON.parse(body) as string[]) : [];
}

const isStream = (body: unknown): body is Chunks =>
  typeof body === "object" && body !== null && Symbol.asyncIterator in body;

/** Brings a body to the API; returns what broke it off. */
async function upload(body: string | Uint8Array | Chunks | null, exchange: Exchange): Promise<Error | undefined> {
  if (isStream(body)) {
    try {
      for await (const chunk of body) {
        if (exchange.isOver) return undefined;
        exchange.receive(chunk);
      }
    } catch (error) {
      exchange.break();
      return error as Error;
    }
  } else if (body !== null) {
    exchange.receive(Buffer.from(body as string));
  }
  exchange.arrive();
  return undefined;
}

/** The fake API as a dispatcher of undici, whose own `request()` and streams lie above it. */
export class FakeDispatcher extends Dispatcher {
  readonly #api: FakeApi;

  constructor(api: FakeApi) {
    super();
    this.#api = api;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { method, path, headers } = options;
    const body = options.body as unknown as string | Uint8Array | Chunks | null;
    const contentType = (headers as Record<string, string>)["content-type"];
    const request = { method, path, contentType, isStream: isStream(body) };
    const connection = new Connection(options, handler);
    const exchange = this.#api.begin(request, keysOf(request, body), connection);
    connection.begin(exchange, body);
    return true;
  }

  override close(): any {
    return Promise.resolve();
  }
}

/** One request of a dispatcher, with undici's timeouts: they begin once all of the request is sent. */
class Connection implements Peer {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #headersTimeout: number;
  readonly #bodyTimeout: number;
  #exchange: Exchange | undefined;
  #timer: Timer | undefined;
  readonly #controller: Dispatcher.DispatchController;

  constructor(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) {
    this.#handler = handler;
    this.#headersTimeout = options.headersTimeout ?? 300_000;
    this.#bodyTimeout = options.bodyTimeout ?? 300_000;
    const controller = {
      aborted: false,
      paused: false,
      reason: null as Error | null,
      pause: () => void (controller.paused = true),
      resume: () => void (controller.paused = false),
      abort: (reason: Error) => {
        if (controller.aborted) return;
        controller.aborted = true;
        controller.reason = reason;
        this.#giveUp(reason);
      },
    };
    this.#controller = controller;
  }

  begin(exchange: Exchange, body: string | Uint8Array | Chunks | null): void {
    this.#exchange = exchange;
    this.#handler.onRequestStart?.(this.#controller, {});
    if (exchange.isOver) return;
    void this.#upload(body, exchange);
  }

  async #upload(body: string | Uint8Array | Chunks | null, exchange: Exchange): Promise<void> {
    const error = await upload(body, exchange);
    if (error) this.#handler.onResponseError?.(this.#controller, error);
    else this.#watch(this.#headersTimeout, () => new errors.HeadersTimeoutError());
  }

  head(status: number, headers: Record<string, string>): void {
    this.#watch(this.#bodyTimeout, () => new errors.BodyTimeoutError());
    this.#handler.onResponseStart?.(this.#controller, status, headers, "");
  }

  data(chunk: Uint8Array): void {
    this.#watch(this.#bodyTimeout, () => new errors.BodyTimeoutError());
    this.#handler.onResponseData?.(this.#controller, chunk as Buffer);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#handler.onResponseEnd?.(this.#controller, {});
  }

  fail(error: Error): void {
    clearTimeout(this.#timer);
    this.#handler.onResponseError?.(this.#controller, error);
  }

  #watch(time: number, error: () => Error): void {
    clearTimeout(this.#timer);
    if (!this.#exchange!.isOver) this.#timer = after(time, () => this.#giveUp(error()));
  }

  #giveUp(reason: Error): void {
    clearTimeout(this.#timer);
    if (this.#exchange === undefined || this.#exchange.isOver) return;
    this.#exchange.giveUp();
    this.#handler.onResponseError?.(this.#controller, reason);
  }
}

/** The fake API as a `fetch`. */
export function fakeFetch(api: FakeApi): typeof globalThis.fetch {
  return (url, init = {}) =>
    new Promise<Response>((resolve, reject) => {
      const { method = "GET", headers, body, signal } = init as RequestInit & { headers: Record<string, string> };
      if (signal?.aborted) return reject(signal.reason);
      const { pathname, search } = new URL(url);
      const path = pathname + search;
      const request = { method, path, contentType: headers["content-type"], isStream: isStream(body) };
      let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
      const fail = (error: unknown): void => {
        signal?.removeEventListener("abort", stop);
        reject(error);
        controller?.error(error);
      };
      const peer: Peer = {
        head: (status, headers) => {
          const stream = new ReadableStream<Uint8Array>({
            start: (it) => void (controller = it),
            cancel: () => exchange.giveUp(),
          });
          resolve(new Response(stream, { status, headers }));
        },
        data: (chunk) => controller!.enqueue(chunk),
        end: () => {
          signal?.removeEventListener("abort", stop);
          controller!.close();
        },
        fail: (error) => fail(new TypeError("fetch failed", { cause: error })),
      };
      const exchange = api.begin(request, keysOf(request, body), peer);
      const stop = (): void => {
        exchange.giveUp();
        fail(signal!.reason);
      };
      signal?.addEventListener("abort", stop);
      const send = async (): Promise<void> => {
        const error = await upload((body ?? null) as string | Chunks | null, exchange);
        if (error) fail(new TypeError("fetch failed", { cause: error }));
      };
      return void send();
    });
}
