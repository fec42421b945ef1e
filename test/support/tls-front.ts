import { once } from "node:events";
import {
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from "node:http";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { vi } from "vitest";
import type { Certificate } from "./certificate.ts";

const WAIT = { timeout: 60_000, interval: 5 };

/** How a {@link TlsFront} is. */
export interface TlsFrontOptions {
  /** The base URL of the API behind it. */
  target: string;
  certificate: Certificate;
}

/**
 * What stands in front of an API: it ends TLS, speaks HTTP/2 and HTTP/1.1, and hands a request on once it has all of
 * it, as a proxy that buffers does. A body that ended as bodies end, and is as long as it was said to be, is whole to it,
 * whatever follows.
 */
export class TlsFront implements AsyncDisposable {
  /** The version of HTTP of each request that came. */
  readonly versions: string[] = [];
  readonly #options: TlsFrontOptions;
  readonly #server;
  readonly #sockets = new Set<Socket>();
  #running = 0;
  /** How many bytes of bodies it may still read. */
  #allowed = Number.POSITIVE_INFINITY;
  #allowance: PromiseWithResolvers<void> = Promise.withResolvers();

  private constructor(options: TlsFrontOptions) {
    this.#options = options;
    this.#server = createSecureServer({
      key: options.certificate.key,
      cert: options.certificate.cert,
      allowHTTP1: true,
    });
    this.#server.on("request", (request, response) => void this.#serve(request, response));
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  static async start(options: TlsFrontOptions): Promise<TlsFront> {
    const front = new TlsFront(options);
    front.#server.listen(0, "127.0.0.1");
    await once(front.#server, "listening");
    return front;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The base URL of the API, through the front. */
  get url(): string {
    return this.#options.target.replace(new URL(this.#options.target).origin, `https://127.0.0.1:${this.port}`);
  }

  /** From now on bodies of requests are not read. */
  hold(): void {
    this.#allowed = 0;
  }

  /** Bodies are read again. */
  release(): void {
    this.read(Number.POSITIVE_INFINITY);
  }

  /** So many bytes more are read. */
  read(bytes: number): void {
    this.#allowed += bytes;
    this.#allowance.resolve();
    this.#allowance = Promise.withResolvers();
  }

  /** Resolves when so many requests have come. */
  came(count: number): Promise<void> {
    return vi.waitFor(() => {
      if (this.versions.length < count) throw new Error(`${this.versions.length} of ${count} requests came`);
    }, WAIT);
  }

  /** Resolves when every request that came is over: handed on and answered, or dropped because it broke off. */
  idle(): Promise<void> {
    return vi.waitFor(() => {
      if (this.#running > 0) throw new Error(`${this.#running} requests are running`);
    }, WAIT);
  }

  /** Ends all connections. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
    this.#server.close();
    this.drop();
  }

  async #serve(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
    this.versions.push(request.httpVersion);
    this.#running++;
    try {
      const body = await this.#bodyOf(request);
      if (body) await this.#handOn(request, body, response);
    } catch {
      response.stream?.close();
    } finally {
      this.#running--;
    }
  }

  /** The body of a request; `undefined` where it broke off. */
  async #bodyOf(request: Http2ServerRequest): Promise<Buffer | undefined> {
    while (this.#allowed <= 0 && request.method !== "GET") await this.#allowance.promise;
    // Of HTTP/1.1 it has no stream.
    if (request.destroyed || request.stream?.destroyed) return undefined;
    const chunks: Buffer[] = [];
    const proceed = (): void => {
      if (this.#allowed > 0) request.resume();
      else void this.#allowance.promise.then(proceed);
    };
    return new Promise((resolve) => {
      request.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        this.#allowed -= chunk.byteLength;
        if (this.#allowed > 0) return;
        request.pause();
        proceed();
      });
      request.on("end", () => {
        const body = Buffer.concat(chunks);
        // HTTP/2 leaves it at that, HTTP/1.1 has its own way to tell.
        const declared = Number(request.headers["content-length"] ?? body.byteLength);
        resolve(request.complete && body.byteLength === declared ? body : undefined);
      });
      // An end that came just before is still to be told.
      request.on("close", () => setImmediate(resolve, undefined));
      request.on("error", () => {});
    });
  }

  async #handOn(request: Http2ServerRequest, body: Buffer, response: Http2ServerResponse): Promise<void> {
    // On a connection of its own: one that is kept would be kept by a clock that tests move, and closed by a real one.
    const asked = httpRequest(new URL(request.url, this.#options.target), {
      agent: false,
      method: request.method,
      headers: { ...endToEnd(request.headers), ...(body.byteLength > 0 && { "content-length": body.byteLength }) },
    });
    asked.end(body);
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    const bytes = await buffer(answer);
    response.writeHead(answer.statusCode!, endToEnd(answer.headers));
    response.end(bytes);
  }
}

const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding", "content-length", "host"]);

/** The headers that are for both ends, and not for a connection. */
function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(":") && !HOP_BY_HOP.has(name)));
}
